/* go_annotations.c - which genes are annotated to which terms: our table, GAF 2.2, gene2go. */
#include "base/util.h"

#include "base/text.h"
#include "evidence/go.h"
#include "evidence/marker_table.h"
#include "format/lines.h"

/* One row, whatever the format. */
struct row {
	const char *gene, *term, *qualifier, *taxon;
	char *evidence; /* codes joined by bars */
};

enum format { TABLE, GAF, GENE2GO };

static bool listed(const char *codes, const char *code)
{
	size_t len = strlen(code);

	for (const char *at = codes; *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == len && strncmp(at, code, len) == 0)
			return true;
	return false;
}

/* Does any of the codes pass? Rows of ND alone say that nothing is known. */
static bool evidence_passes(struct go *go, const struct annotation_rules *rules, char *codes)
{
	char *rest = codes, *code;
	bool some = false, data = false;

	while ((code = strsep(&rest, "|"))) {
		if (str_eq(code, "ND"))
			continue;
		data = true;
		some |= (!rules->include || listed(rules->include, code)) &&
			(!rules->exclude || !listed(rules->exclude, code));
	}
	go->n_no_data += !data;
	go->n_filtered += data && !some;
	return some;
}

void go_add_pair(struct go *go, uint32_t term, const char *gene)
{
	MEM_GROW(go->pairs, go->n_pairs + 1, go->cap_pairs);
	go->pairs[go->n_pairs++] = (struct go_pair){strtab_add(&go->genes, gene), term};
}

static void add_row(struct go *go, const struct row *r, const struct annotation_rules *rules,
		    const struct gene_tables *names, bool symbols)
{
	uint32_t term = go_find(go, r->term);

	go->n_rows++;
	if (rules->taxon && *r->taxon && !str_eq(r->taxon, rules->taxon)) {
		go->n_filtered++;
		return;
	}
	if (strstr(r->qualifier, "NOT")) {
		go->n_negated++;
		return;
	}
	if (!evidence_passes(go, rules, r->evidence))
		return;
	if (term == STRTAB_NONE) {
		go->n_unknown++;
		return;
	}
	go_add_pair(go, term, symbols ? marker_symbol(names, r->gene) : r->gene);
}

/* The line at hand cut at its tabs; how many fields it has. */
static size_t cut(char *line, char **fields, size_t cap)
{
	size_t n = 0;

	for (char *rest = line, *f; n < cap && (f = strsep(&rest, "\t"));)
		fields[n++] = f;
	return n;
}

static bool format_of(const char *line, enum format *format)
{
	if (str_starts(line, "!gaf-version")) {
		*format = GAF;
		return str_starts(line, "!gaf-version: 2");
	}
	*format = str_starts(line, "#tax_id") ? GENE2GO : TABLE;
	return *format == GENE2GO || str_starts(line, "symbol\tgene_id\tterm\tevidence");
}

static int take_line(struct go *go, struct lines *in, enum format format,
		     const struct annotation_rules *rules, const struct gene_tables *names,
		     struct err *err)
{
	static const size_t needed[] = {4, 15, 6};
	char *f[17], empty[1] = "";
	size_t n = cut(in->text, f, ARRAY_LEN(f));
	struct row row;

	if (n < needed[format])
		return err_set(err, "%s: line %zu: %zu columns, but %zu are needed", in->path,
			       in->number, n, needed[format]);
	switch (format) {
	case GAF: /* taxon:9606|taxon:10090 for a host and its guest */
		f[12][strcspn(f[12], "|")] = '\0';
		row = (struct row){f[2], f[4], f[3],
				   str_starts(f[12], "taxon:") ? f[12] + 6 : empty, f[6]};
		break;
	case GENE2GO:
		row = (struct row){f[1], f[2], f[4], f[0], f[3]};
		break;
	default:
		row = (struct row){f[0], f[2], empty, empty, f[3]};
	}
	add_row(go, &row, rules, names, format != GENE2GO);
	return 0;
}

int go_read_annotations(struct go *go, const char *path, const struct annotation_rules *rules,
			const struct gene_tables *names, struct err *err)
{
	struct lines *in = lines_open(path, err);
	enum format format = TABLE;
	int got = -1;

	if (in && (got = lines_next(in, err)) > 0 && !format_of(in->text, &format))
		got = err_set(
			err,
			"%s: no annotations: neither GAF 2 nor gene2go, nor a table of symbol, "
			"gene_id, term, evidence",
			path);
	while (got > 0 && (got = lines_next(in, err)) > 0)
		if (in->len && in->text[0] != '!' && take_line(go, in, format, rules, names, err)) {
			got = -1;
			break;
		}
	lines_close(in);
	if (got == 0 && go->n_pairs == 0)
		got = err_set(err, "%s: no annotation of a known term is left of %zu rows", path,
			      go->n_rows);
	return got;
}

static int by_gene(const void *a, const void *b)
{
	const struct go_pair *x = a, *y = b;

	if (x->gene != y->gene)
		return x->gene < y->gene ? -1 : 1;
	return x->term < y->term ? -1 : x->term > y->term;
}

void go_finish(struct go *go)
{
	size_t n = 0;

	if (go->n_pairs)
		qsort(go->pairs, go->n_pairs, sizeof(*go->pairs), by_gene);
	for (size_t i = 0; i < go->n_pairs; i++)
		if (n == 0 || by_gene(&go->pairs[n - 1], &go->pairs[i]))
			go->pairs[n++] = go->pairs[i];
	go->n_pairs = n;
}
