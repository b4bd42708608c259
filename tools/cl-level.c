/* cl-level - bring Cell Ontology ids to a common level, or compare two columns of them.
 *
 * Reads a TSV with ids and writes it with columns appended: the ancestor at a depth, in a list
 * or in a named subset of the ontology; and for two columns what they have in common, how far
 * apart they are, and whether one is above the other. Rows stay in order; memory is the ontology.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "onto/onto_read.h"
#include "onto/slim.h"

static struct opts {
	const char *column, *to, *lca, *ontology, *output;
	int64_t level;
} o = {.level = -1, .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("column", 'c', column, "NAME", "the column of ids (id, or cl_id, or the first)"),
	OPT_INT("level", 'l', level, "N", "the ancestor N steps under the root"),
	OPT_TEXT("to", 0, to, "FILE|SUBSET",
		 "the nearest ancestor in a TSV of ids, or in a subset"),
	OPT_TEXT("lca", 0, lca, "A,B", "compare the id columns A and B"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "table or OBO (ontology/cl.tsv)"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "bring Cell Ontology ids to a common level",
	.synopsis = "--level N|--to FILE|--lca A,B [OPTIONS] [TABLE.tsv] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct job {
	struct onto *onto;
	bool *listed;     /* per term: an answer of --to; NULL without */
	size_t id, a, b;  /* columns */
	uint32_t *answer; /* per term, where known */
	bool *known;
	size_t n_unknown, n_conflicts;
};

static struct onto *read_ontology(void)
{
	struct err err = ERR_INIT;
	char *path = o.ontology ? mem_str(o.ontology) : datadir_find("ontology/cl.tsv", &err);
	struct onto *onto = path ? onto_read(path, NULL, &err) : NULL;

	if (!onto)
		die_err(&err);
	free(path);
	return onto;
}

static void choose_list(struct job *j)
{
	struct err err = ERR_INIT;

	if (!o.to)
		return;
	j->listed = slim_read(j->onto, o.to, &err);
	if (!j->listed)
		die_err(&err);
}

static void choose_columns(struct job *j, const struct tsv *in)
{
	struct err err = ERR_INIT;

	if (o.lca) {
		char *copy = mem_str(o.lca), *comma = strchr(copy, ',');

		*comma = '\0';
		if (tsv_need(in, copy, &j->a, &err) || tsv_need(in, comma + 1, &j->b, &err))
			die_err(&err);
		free(copy);
	}
	if (o.column && tsv_need(in, o.column, &j->id, &err))
		die_err(&err);
	for (size_t i = 0; !o.column && i < 2; i++) {
		size_t named = tsv_column(in, i ? "id" : "cl_id");

		if (named != SIZE_MAX)
			j->id = named;
	}
}

/* The current term of an id in the table; ONTO_NONE for an empty or unknown one. */
static uint32_t term_of(struct job *j, const char *id)
{
	uint32_t t = onto_find(j->onto, id);

	if (t != ONTO_NONE)
		t = onto_current(j->onto, t);
	j->n_unknown += t == ONTO_NONE && *id;
	return t;
}

static uint32_t lift(struct job *j, uint32_t t)
{
	if (t == ONTO_NONE)
		return ONTO_NONE;
	if (!j->known[t]) {
		j->known[t] = true;
		j->answer[t] = j->listed ? onto_nearest_of(j->onto, t, j->listed)
					 : onto_at_level(j->onto, t, (uint32_t)o.level);
	}
	return j->answer[t];
}

static void put_term(struct tsv_writer *w, const struct onto *onto, uint32_t t)
{
	tsv_put(w, t == ONTO_NONE ? "" : onto->terms[t].id);
	tsv_put(w, t == ONTO_NONE ? "" : onto->terms[t].label);
}

static const char *relation(const struct onto *onto, uint32_t a, uint32_t b)
{
	return a == b                  ? "same"
	       : onto_is_a(onto, b, a) ? "ancestor"
	       : onto_is_a(onto, a, b) ? "descendant"
				       : "conflict";
}

static void put_comparison(struct tsv_writer *w, struct job *j, const struct tsv *in)
{
	uint32_t pair[2] = {term_of(j, in->fields[j->a]), term_of(j, in->fields[j->b])};
	bool both = pair[0] != ONTO_NONE && pair[1] != ONTO_NONE;
	int distance = both ? onto_distance(j->onto, pair[0], pair[1]) : -1;
	const char *how = both ? relation(j->onto, pair[0], pair[1]) : "";

	put_term(w, j->onto, both ? onto_common(j->onto, pair, 2) : ONTO_NONE);
	if (distance < 0)
		tsv_put(w, "");
	else
		tsv_put_size(w, (size_t)distance);
	tsv_put(w, how);
	j->n_conflicts += str_eq(how, "conflict");
}

static void put_headers(struct tsv_writer *w, const struct tsv *in)
{
	for (size_t i = 0; i < in->n_fields; i++)
		tsv_put(w, in->header[i]);
	if (o.to || o.level >= 0) {
		tsv_put(w, "level_id");
		tsv_put(w, "level_name");
	}
	if (o.lca) {
		static const char *const names[] = {"lca", "lca_name", "distance", "relation"};

		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			tsv_put(w, names[i]);
	}
	tsv_end_row(w);
}

static size_t convert(struct job *j, struct tsv *in, struct outfile *out)
{
	struct err err = ERR_INIT;
	struct tsv_writer w = {.file = outfile_stream(out), .path = outfile_target(out)};
	size_t n = 0;
	int got;

	put_headers(&w, in);
	for (; (got = tsv_next(in, &err)) > 0; n++) {
		for (size_t i = 0; i < in->n_fields; i++)
			tsv_put(&w, in->fields[i]);
		if (o.to || o.level >= 0)
			put_term(&w, j->onto, lift(j, term_of(j, in->fields[j->id])));
		if (o.lca)
			put_comparison(&w, j, in);
		tsv_end_row(&w);
	}
	if (got < 0 || tsv_writer_close(&w, &err))
		die_err(&err);
	return n;
}

static void check_usage(void)
{
	if (!o.lca && !o.to && o.level < 0)
		die_usage("say --level N, --to FILE or --lca A,B");
	if (o.lca && !strchr(o.lca, ','))
		die_usage("--lca takes two columns, A,B, not \"%s\"", o.lca);
	if (o.to && o.level >= 0)
		die_usage("--level and --to answer the same question: give one");
}

static void release(struct job *j)
{
	onto_free(j->onto);
	free(j->listed);
	free(j->known);
	free(j->answer);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct job j = {.n_unknown = 0};

	tool_begin("cl-level", argc, argv);
	struct inputs paths = opt_parse(&usage, argc, argv);

	check_usage();
	j.onto = read_ontology();
	MEM_ZERO(j.known, j.onto->n_terms);
	MEM_ZERO(j.answer, j.onto->n_terms);
	choose_list(&j);
	struct tsv *in = tsv_open(paths.paths[0], &err);

	if (!in)
		die_err(&err);
	manifest_input(paths.paths[0]);
	choose_columns(&j, in);
	struct outfile *out = outfile_open(o.output, &err);

	if (!out)
		die_err(&err);
	size_t n = convert(&j, in, out);

	tsv_close(in);
	if (outfile_commit(out, &err))
		die_err(&err);
	manifest_output(o.output);
	manifest_count("rows", n);
	if (j.n_unknown)
		warn("%zu ids are not in the ontology, or obsolete without a replacement",
		     j.n_unknown);
	if (o.lca)
		say("%zu of %zu rows conflict", j.n_conflicts, n);
	release(&j);
	return tool_end();
}
