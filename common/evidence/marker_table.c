/* marker_table.c - see marker_table.h. */
#include "base/util.h"

#include <ctype.h>
#include <strings.h>

#include "evidence/marker_table.h"
#include "format/lines.h"
#include "format/tsv.h"

#define SURE_ENOUGH 0.5 /* of a term for a name */

/* Where the columns of a dialect are; SIZE_MAX where it has none. */
struct columns {
	size_t label, id, gene, sign, organ, uberon, species, positives, negatives;
};

struct reading {
	struct marker_table *t;
	const struct marker_filter *filter;
	const struct gene_tables *names;
	const struct matcher *matcher;
};

/* ---- genes and types ---- */

const char *marker_symbol(const struct gene_tables *names, const char *symbol)
{
	return gene_name_of(names, symbol).name;
}

/* Does it look like a symbol at all? Tables hold blanks, brackets and sentences too. */
static bool is_symbol(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@/");

	return n > 1 && s[n] == '\0';
}

/* The term an id or, without one, a name stands for. */
static uint32_t term_of(const struct reading *r, const char *id, const char *name)
{
	const struct onto *onto = matcher_onto(r->matcher);
	uint32_t term = *id ? onto_find(onto, id) : ONTO_NONE;
	struct match found[1];

	if (term != ONTO_NONE)
		return onto_current(onto, term);
	if (!*name)
		return ONTO_NONE;
	matcher_match(r->matcher, name, NULL, found, 1);
	return found[0].score >= SURE_ENOUGH ? found[0].term : ONTO_NONE;
}

static uint32_t new_type(struct reading *r, const char *id, const char *name)
{
	struct marker_table *t = r->t;
	const struct onto *onto = matcher_onto(r->matcher);
	uint32_t term = term_of(r, id, name), type;
	bool known = term != ONTO_NONE;
	size_t n = t->keys.n;
	char *key = known ? mem_str(onto->terms[term].id) : mem_printf("name:%s", name);

	type = strtab_add(&t->keys, key);
	free(key);
	if (t->keys.n == n)
		return type;
	MEM_GROW(t->types, t->keys.n, t->cap_types);
	t->types[type] = (struct marker_type){
		.name = known ? onto->terms[term].label : arena_str(&t->arena, name, strlen(name)),
		.id = known ? onto->terms[term].id : "",
		.term = term};
	t->n_without_id += !known;
	return type;
}

/* The type of a row; each pair of id and name is looked up once. */
static uint32_t type_of(struct reading *r, const char *id, const char *name)
{
	struct marker_table *t = r->t;
	char *both = mem_printf("%s\t%s", id, name);
	size_t n = t->seen.n;
	uint32_t at = strtab_add(&t->seen, both);

	free(both);
	if (t->seen.n > n) {
		MEM_GROW(t->type_of_seen, t->seen.n, t->cap_seen);
		t->type_of_seen[at] = new_type(r, id, name);
	}
	return t->type_of_seen[at];
}

static void add_fact(struct reading *r, uint32_t type, const char *symbol, int sign)
{
	struct marker_table *t = r->t;

	if (!is_symbol(symbol)) {
		if (!t->unresolved)
			t->unresolved = arena_str(&t->arena, symbol, strlen(symbol));
		t->n_unresolved++;
		return;
	}
	uint32_t gene = strtab_add(&t->genes, marker_symbol(r->names, symbol));
	MEM_GROW(t->facts, t->n_facts + 1, t->cap_facts);
	t->facts[t->n_facts++] = (struct marker_fact){type, gene, sign};
}

/* Each gene of "A,B;C|D". */
static void add_list(struct reading *r, uint32_t type, char *list, int sign)
{
	char *rest = list, *gene;

	while ((gene = strsep(&rest, ",;|"))) {
		while (isspace((unsigned char)*gene))
			gene++;
		size_t n = strlen(gene);
		while (n && isspace((unsigned char)gene[n - 1]))
			gene[--n] = '\0';
		if (n)
			add_fact(r, type, gene, sign);
	}
}

/* ---- rows ---- */

/* Words for a species: a taxon's number and what tables call it. */
static bool same_species(const char *has, const char *taxon)
{
	static const char *const words[][3] = {{"9606", "Hs", "human"}, {"10090", "Mm", "mouse"}};

	if (!*has || !taxon || str_eq(has, taxon))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(words[i][0], taxon))
			return strstr(has, words[i][1]) || strcasestr(has, words[i][2]) != NULL;
	return strcasestr(has, taxon) != NULL;
}

static const char *field(const struct tsv *in, size_t column)
{
	return column == SIZE_MAX ? "" : in->fields[column];
}

static bool passes(const struct marker_filter *f, const char *organ, const char *uberon,
		   const char *species)
{
	if (!same_species(species, f->species))
		return false;
	if (f->organ && *organ && !strcasestr(organ, f->organ))
		return false;
	return !f->uberon || !*uberon || str_eq(uberon, f->uberon);
}

/* CellMarker writes CL_0000084. */
static void mend_id(char *id)
{
	if (str_starts(id, "CL_"))
		id[2] = ':';
}

static void add_row(struct reading *r, const struct tsv *in, const struct columns *c)
{
	struct marker_table *t = r->t;
	char *id = c->id == SIZE_MAX ? text_empty : in->fields[c->id];

	t->n_rows++;
	if (!passes(r->filter, field(in, c->organ), field(in, c->uberon), field(in, c->species))) {
		t->n_filtered++;
		return;
	}
	mend_id(id);
	if (!*field(in, c->label) && !*id)
		return;
	uint32_t type = type_of(r, id, field(in, c->label));
	if (c->gene != SIZE_MAX && *in->fields[c->gene])
		add_list(r, type, in->fields[c->gene], str_eq(field(in, c->sign), "-") ? -1 : 1);
	if (c->positives != SIZE_MAX)
		add_list(r, type, in->fields[c->positives], 1);
	if (c->negatives != SIZE_MAX)
		add_list(r, type, in->fields[c->negatives], -1);
}

/* What the header says the table is. */
static int find_columns(struct columns *c, const struct tsv *in, struct err *err)
{
	*c = (struct columns){
		.label = tsv_column(in, "label"),
		.id = tsv_column(in, "cl_id"),
		.gene = tsv_column(in, "gene"),
		.sign = tsv_column(in, "sign"),
		.organ = tsv_column(in, "organ"),
		.uberon = tsv_column(in, "uberon"),
		.species = tsv_column(in, "species"),
		.positives = SIZE_MAX,
		.negatives = SIZE_MAX,
	};
	if (tsv_column(in, "official gene symbol") != SIZE_MAX) { /* PanglaoDB */
		c->gene = tsv_column(in, "official gene symbol");
		c->label = tsv_column(in, "cell type");
	} else if (tsv_column(in, "cell_name") != SIZE_MAX) { /* CellMarker: cell_type is Normal */
		c->label = tsv_column(in, "cell_name");
		c->id = tsv_column(in, "cellontology_id");
		c->gene = tsv_column(in, "Symbol");
		if (c->gene == SIZE_MAX)
			c->gene = tsv_column(in, "marker");
		c->organ = tsv_column(in, "tissue_type");
		c->uberon = tsv_column(in, "uberonongology_id");
	} else if (tsv_column(in, "geneSymbolmore1") != SIZE_MAX) { /* ScType */
		c->label = tsv_column(in, "cellName");
		c->organ = tsv_column(in, "tissueType");
		c->positives = tsv_column(in, "geneSymbolmore1");
		c->negatives = tsv_column(in, "geneSymbolmore2");
	}
	if (c->label == SIZE_MAX || (c->gene == SIZE_MAX && c->positives == SIZE_MAX))
		return err_set(err,
			       "%s: no marker table: its header has neither label and gene, nor "
			       "the columns of PanglaoDB, CellMarker or ScType (a GMT file's name "
			       "ends in .gmt)",
			       in->path);
	return 0;
}

static int read_tsv(struct reading *r, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct columns c;
	int got = -1;

	if (in && !find_columns(&c, in, err))
		while ((got = tsv_next(in, err)) > 0)
			add_row(r, in, &c);
	tsv_close(in);
	return got;
}

/* name TAB description TAB gene TAB gene ... */
static int read_gmt(struct reading *r, const char *path, struct err *err)
{
	struct lines *in = lines_open(path, err);
	int got = -1;

	while (in && (got = lines_next(in, err)) > 0) {
		char *rest = in->text, *name = strsep(&rest, "\t"), *gene;
		if (!*name)
			continue;
		if (!rest || !strsep(&rest, "\t") || !rest) {
			got = err_set(err,
				      "%s: line %zu: a set has a name, a description and genes",
				      in->path, in->number);
			break;
		}
		r->t->n_rows++;
		uint32_t type = type_of(r, "", name);
		while ((gene = strsep(&rest, "\t")))
			if (*gene)
				add_fact(r, type, gene, 1);
	}
	lines_close(in);
	return got;
}

int marker_table_read(struct marker_table *t, const char *path, const struct marker_filter *filter,
		      const struct gene_tables *names, const struct matcher *matcher,
		      struct err *err)
{
	struct reading r = {t, filter, names, matcher};
	bool gmt = str_ends(path, ".gmt") || str_ends(path, ".gmt.gz");

	return gmt ? read_gmt(&r, path, err) : read_tsv(&r, path, err);
}

/* ---- all of them ---- */

static int by_type(const void *a, const void *b)
{
	const struct marker_fact *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->gene != y->gene)
		return x->gene < y->gene ? -1 : 1;
	return y->sign - x->sign;
}

void marker_table_finish(struct marker_table *t)
{
	size_t n = 0;

	if (t->n_facts)
		qsort(t->facts, t->n_facts, sizeof(*t->facts), by_type);
	for (size_t i = 0; i < t->n_facts; i++)
		/* a gene that marks a type does not speak against it: the positive fact wins */
		if (n == 0 || t->facts[n - 1].type != t->facts[i].type ||
		    t->facts[n - 1].gene != t->facts[i].gene)
			t->facts[n++] = t->facts[i];
	t->n_facts = n;
}

void marker_table_release(struct marker_table *t)
{
	strtab_release(&t->genes);
	strtab_release(&t->keys);
	strtab_release(&t->seen);
	free(t->type_of_seen);
	free(t->types);
	free(t->facts);
	arena_release(&t->arena);
	*t = (struct marker_table){0};
}
