/* gene_names.c - see gene_names.h. */
#include "base/util.h"

#include <ctype.h>

#include "base/datadir.h"
#include "base/names.h"
#include "format/tsv.h"
#include "matrix/gene_names.h"

struct gene_alias {
	uint32_t approved; /* in 'symbols'; STRTAB_NONE when it is several genes' */
	bool previous;
	bool is_approved; /* it is an approved symbol itself */
};

const char *gene_rule_name(enum gene_rule rule)
{
	static const char *const names[GENE_N_RULES] = {
		[GENE_KEPT] = "kept",
		[GENE_ENSEMBL] = "ensembl",
		[GENE_VERSIONED] = "ensembl-version",
		[GENE_PREVIOUS] = "previous-symbol",
		[GENE_ALIAS] = "alias",
		[GENE_AMBIGUOUS] = "ambiguous",
		[GENE_TAKEN] = "approved-present",
		[GENE_UNMAPPED] = "unmapped-ensembl",
		[GENE_TRANSCRIPT] = "ensembl-transcript",
		[GENE_MOUSE] = "mouse",
		[GENE_SPECIES] = "other-species",
	};

	return names[rule];
}

static int put_renames(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	const struct gene_renames *r = arg;

	tsv_header(w, "gene\tafter\trule");
	for (size_t i = 0; i < r->n; i++) {
		tsv_put(w, r->before[i]);
		tsv_put(w, r->after[r->place ? r->place[i] : i]);
		tsv_put(w, gene_rule_name(r->rules[i]));
		tsv_end_row(w);
	}
	return 0;
}

int gene_renames_write(const struct gene_renames *r, const char *path, struct err *err)
{
	struct gene_renames rows = *r;

	return tsv_write_file(path, put_renames, &rows, err);
}

void gene_tables_release(struct gene_tables *t)
{
	strtab_release(&t->ids);
	strtab_release(&t->symbols);
	strtab_release(&t->aliases);
	free(t->symbol_of_id);
	free(t->alias);
	*t = (struct gene_tables){.alias = NULL};
}

/* ---- reading ---- */

/* An id that comes twice keeps the later symbol, as a Python dict would. */
static void add_id(struct gene_tables *t, const char *id, const char *symbol)
{
	if (!*id || !*symbol)
		return;
	uint32_t number = strtab_add(&t->ids, id);
	MEM_GROW(t->symbol_of_id, t->ids.n, t->cap_ids);
	t->symbol_of_id[number] = strtab_add(&t->symbols, symbol);
}

int gene_tables_map(struct gene_tables *t, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t id, symbol;
	int got = -1;

	if (in && !tsv_need(in, "Gene stable ID", &id, err) &&
	    !tsv_need(in, "HGNC symbol", &symbol, err))
		while ((got = tsv_next(in, err)) > 0)
			add_id(t, in->fields[id], in->fields[symbol]);
	tsv_close(in);
	return got;
}

static void add_alias(struct gene_tables *t, const char *symbol, const char *approved,
		      bool previous, bool is_approved)
{
	bool several = strchr(approved, '|');
	uint32_t gene = several ? STRTAB_NONE : strtab_add(&t->symbols, approved);
	size_t before = t->aliases.n;
	uint32_t number = strtab_add(&t->aliases, symbol);

	MEM_GROW(t->alias, t->aliases.n, t->cap_aliases);
	struct gene_alias *a = &t->alias[number];
	if (t->aliases.n > before)
		*a = (struct gene_alias){gene, previous, is_approved};
	if (a->approved != gene)
		a->approved = STRTAB_NONE;
	a->previous |= previous;
	a->is_approved |= is_approved;
}

int gene_tables_aliases(struct gene_tables *t, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t symbol, approved, kind, flag;
	int got = -1;

	if (in && !tsv_need(in, "symbol", &symbol, err) &&
	    !tsv_need(in, "approved", &approved, err)) {
		kind = tsv_column(in, "kind");
		flag = tsv_column(in, "is_approved_symbol");
		while ((got = tsv_next(in, err)) > 0)
			add_alias(t, in->fields[symbol], in->fields[approved],
				  kind != SIZE_MAX && str_eq(in->fields[kind], "previous"),
				  flag != SIZE_MAX && str_eq(in->fields[flag], "1"));
	}
	tsv_close(in);
	return got;
}

/* ---- naming ---- */

static bool is_human_id(const char *name)
{
	return str_starts(name, "ENSG") && name[4] >= '0' && name[4] <= '9';
}

static bool is_transcript(const char *name)
{
	return str_starts(name, "ENST") && name[4] >= '0' && name[4] <= '9';
}

bool looks_ensembl(const char *name)
{
	size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return str_starts(name, "ENS") && letters >= 4 && letters <= 9 &&
	       strspn(name + letters, "0123456789") == 11;
}

bool gene_is_no_symbol(const char *name)
{
	return (*name && name[strspn(name, "0123456789")] == '\0') || is_human_id(name) ||
	       is_transcript(name);
}

/* The symbol of an id, if need be without its version (ENSG00000000003.15, ..._PAR_Y). */
static struct gene_name name_of_id(const struct gene_tables *t, const char *id)
{
	enum gene_rule rule = GENE_ENSEMBL;
	uint32_t found = strtab_find(&t->ids, id);

	if (found == STRTAB_NONE) {
		found = strtab_find_n(&t->ids, id, strcspn(id, "._"));
		rule = GENE_VERSIONED;
	}
	if (found != STRTAB_NONE)
		return (struct gene_name){strtab_str(&t->symbols, t->symbol_of_id[found]), rule};
	return (struct gene_name){id, is_transcript(id) ? GENE_TRANSCRIPT : GENE_UNMAPPED};
}

static struct gene_name name_of_symbol(const struct gene_tables *t, const char *name)
{
	uint32_t found = strtab_find(&t->aliases, name);

	if (found == STRTAB_NONE || t->alias[found].is_approved)
		return (struct gene_name){name, GENE_KEPT};
	const struct gene_alias *a = &t->alias[found];
	if (a->approved == STRTAB_NONE)
		return (struct gene_name){name, GENE_AMBIGUOUS};
	const char *approved = strtab_str(&t->symbols, a->approved);
	if (str_eq(approved, name))
		return (struct gene_name){name, GENE_KEPT};
	return (struct gene_name){approved, a->previous ? GENE_PREVIOUS : GENE_ALIAS};
}

struct gene_name gene_name_of(const struct gene_tables *t, const char *name)
{
	if (is_human_id(name) || is_transcript(name))
		return name_of_id(t, name);
	if (strtab_find(&t->ids, name) != STRTAB_NONE) /* a map may have other ids */
		return name_of_id(t, name);
	if (str_starts(name, "ENSMUS"))
		return (struct gene_name){name, GENE_MOUSE};
	if (looks_ensembl(name))
		return (struct gene_name){name, GENE_SPECIES};
	return name_of_symbol(t, name);
}

/* Cd4: a capital, a small letter somewhere, and in capitals the symbol of a human gene. */
static bool is_mouse_symbol(const struct gene_tables *t, const char *name)
{
	char upper[64];
	size_t n = strlen(name), n_small = 0;

	if (n >= sizeof(upper) || !isupper((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i <= n; i++) {
		n_small += islower((unsigned char)name[i]) != 0;
		upper[i] = (char)toupper((unsigned char)name[i]);
	}
	return n_small && strtab_find(&t->symbols, name) == STRTAB_NONE &&
	       strtab_find(&t->symbols, upper) != STRTAB_NONE;
}

bool genes_are_mouse(const struct gene_tables *t, char *const *names, size_t n)
{
	size_t n_mouse = 0;

	for (size_t i = 0; i < n; i++)
		n_mouse += str_starts(names[i], "ENSMUS") || is_mouse_symbol(t, names[i]);
	return n_mouse > n / 2;
}

void gene_names_apply(const struct gene_tables *tables, bool merge, struct names *list,
		      enum gene_rule *rules)
{
	struct strtab own = {0};

	for (size_t i = 0; i < list->n; i++) {
		struct gene_name now = gene_name_of(tables, list->s[i]);
		rules[i] = now.rule;
		if (now.rule == GENE_PREVIOUS || now.rule == GENE_ALIAS)
			continue;
		list->s[i] = (char *)now.name;
		strtab_add(&own, now.name);
	}
	for (size_t i = 0; i < list->n; i++) {
		if (rules[i] != GENE_PREVIOUS && rules[i] != GENE_ALIAS)
			continue;
		struct gene_name now = gene_name_of(tables, list->s[i]);
		if (!merge && strtab_find(&own, now.name) != STRTAB_NONE)
			rules[i] = GENE_TAKEN;
		else
			list->s[i] = (char *)now.name;
	}
	strtab_release(&own);
}

/* A table: the one given, the one that comes with the program, or none. */
static int read_table(struct gene_tables *t, const char *given, const char *kept,
		      int (*read)(struct gene_tables *, const char *, struct err *),
		      struct err *err)
{
	char *path;
	int ret;

	if (given)
		return str_eq(given, "none") ? 0 : read(t, given, err);
	path = datadir_find(kept, err);
	ret = path ? read(t, path, err) : -1;
	free(path);
	return ret;
}

int gene_tables_read(struct gene_tables *t, const char *map, const char *aliases, struct err *err)
{
	return read_table(t, map, "refs/genes/ensembl.tsv.gz", gene_tables_map, err) ||
			       read_table(t, aliases, "refs/genes/aliases.tsv.gz",
					  gene_tables_aliases, err)
		       ? -1
		       : 0;
}
