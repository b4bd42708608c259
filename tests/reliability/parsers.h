/* parsers.h - every reader of foreign files, as a function of a file's name.
 *
 * damage.c gives each of them every single damage of a small file; libfuzzer.c gives it whatever
 * clang's fuzzer thinks of. A reader returns 0 when the file was read, and puts a number that
 * depends on all it holds into 'sum', or -1 with an error of one line.
 *
 *	const struct parser *p = parser_find("pickle");
 *	if (p->read("case.pkl", &sum, &err)) ...
 *
 * Those that stand on HDF5 are marked: HDF5 may crash, so each file wants a child of its own.
 */
#ifndef RELIABILITY_PARSERS_H
#define RELIABILITY_PARSERS_H

#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/text.h"
#include "calls/calls.h"
#include "calls/calls_table.h"
#include "conf/config.h"
#include "evidence/gene_evidence.h"
#include "evidence/gene_lists.h"
#include "evidence/go.h"
#include "evidence/questions.h"
#include "format/csv.h"
#include "format/json_read.h"
#include "format/table.h"
#include "format/yaml.h"
#include "h5ad/h5ad.h"
#include "h5ad/hdf5/filters.h"
#include "import/import.h"
#include "import/rds/object.h"
#include "import/rds/read.h"
#include "import/tenx.h"
#include "map/reference.h"
#include "map/tree/label_tree.h"
#include "matrix/gene_panel.h"
#include "matrix/orthologs.h"
#include "model/model_file.h"
#include "mtl/mtl_file.h"
#include "onto/labelmap.h"
#include "onto/onto_read.h"
#include "ref/registry.h"
#include "ref/samples.h"
#include "ref/studies.h"
#include "report/evals.h"
#include "vae/scvi/scvi_model.h"
#include "vae/vae_file.h"

struct parser {
	const char *name, *ending; /* of the file's name */
	int (*read)(const char *path, uint64_t *sum, struct err *err);
	bool hdf5;
};

static struct pool *parsers_pool; /* one thread: made by the first that wants it */

static struct pool *one_thread(void)
{
	if (!parsers_pool)
		parsers_pool = pool_new(1);
	return parsers_pool;
}

/* FNV-1a, which is enough to see that something differs. */
static void stir(uint64_t *sum, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < n; i++)
		*sum = (*sum ^ at[i]) * 0x100000001b3u;
}

static void stir_text(uint64_t *sum, const char *s)
{
	stir(sum, s, strlen(s) + 1);
}

/* ---- text --------------------------------------------------------------------------------- */

static int read_json_file(const char *path, uint64_t *sum, struct err *err)
{
	json_t *document = document_read(path, err);
	char *text = document ? json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	if (text)
		stir_text(sum, text);
	free(text);
	json_decref(document);
	return document ? 0 : -1;
}

static int read_yaml_file(const char *path, uint64_t *sum, struct err *err)
{
	struct yaml *y = yaml_read(path, err);

	(void)sum;
	yaml_close(y);
	return y ? 0 : -1;
}

static int read_config_file(const char *path, uint64_t *sum, struct err *err)
{
	struct config *c = config_read(path, NULL, err);

	(void)sum;
	config_free(c);
	return c ? 0 : -1;
}

static int read_table_file(const char *path, uint64_t *sum, struct err *err)
{
	struct table *t = table_read(path, one_thread(), err);

	for (size_t row = 0; t && row < t->n; row++)
		for (size_t column = 0; column < t->n_columns; column++)
			stir_text(sum, table_field(t, row, column));
	table_free(t);
	return t ? 0 : -1;
}

static int read_csv_file(const char *path, uint64_t *sum, struct err *err)
{
	struct csv *t = csv_open(path, err);
	int got = t ? 1 : -1;

	while (got > 0 && (got = csv_next(t, err)) > 0)
		for (size_t i = 0; i < t->n_fields; i++)
			stir_text(sum, t->fields[i]);
	csv_close(t);
	return got;
}

static int read_calls_file(const char *path, uint64_t *sum, struct err *err)
{
	struct calls *c = calls_open(path, err);
	int got = c ? 1 : -1;

	while (got > 0 && (got = calls_next(c, err)) > 0) {
		stir_text(sum, calls_cell(c));
		stir_text(sum, calls_label(c));
	}
	calls_close(c);
	return got;
}

static int read_whole_calls(const char *path, uint64_t *sum, struct err *err)
{
	struct calls_table *t = calls_table_read(path, one_thread(), err);
	int ret = t ? calls_table_index(t, one_thread(), err) : -1;

	(void)sum;
	calls_table_free(t);
	return ret;
}

static int read_panel_file(const char *path, uint64_t *sum, struct err *err)
{
	struct gene_panel panel;

	(void)sum;
	if (gene_panel_read(path, &panel, err))
		return -1;
	gene_panel_release(&panel);
	return 0;
}

static int read_ortholog_pairs(const char *path, uint64_t *sum, struct err *err)
{
	struct orthologs *t = orthologs_read(path, err);

	for (size_t i = 0; t && i < t->n; i++) {
		stir_text(sum, t->names[0][i]);
		stir_text(sum, t->names[1][i]);
	}
	orthologs_free(t);
	return t ? 0 : -1;
}

static int read_eval_file(const char *path, uint64_t *sum, struct err *err)
{
	struct eval *e = eval_read(path, err);

	(void)sum;
	eval_free(e);
	return e ? 0 : -1;
}

static int read_tree_file(const char *path, uint64_t *sum, struct err *err)
{
	struct label_tree *t = label_tree_read_file(path, err);
	struct text text = TEXT_INIT;

	if (t)
		stir_text(sum, label_tree_text(t, &text));
	text_release(&text);
	label_tree_free(t);
	return t ? 0 : -1;
}

static int stir_cells(struct import *in, uint64_t *sum, struct err *err)
{
	struct cells *block;
	int got;

	while ((got = stream_next(in->stream, &block, err)) > 0) {
		size_t n = block->starts[block->n_cells];

		stir(sum, block->starts, (block->n_cells + 1) * sizeof(*block->starts));
		stir(sum, block->genes, n * sizeof(*block->genes));
		stir(sum, block->values, n * sizeof(*block->values));
	}
	for (size_t i = 0; i < in->genes.n; i++)
		stir_text(sum, in->genes.s[i]);
	for (size_t i = 0; i < in->cells.n; i++)
		stir_text(sum, in->cells.s[i]);
	return got;
}

static int read_matrix_table(const char *path, uint64_t *sum, struct err *err)
{
	struct import in;

	if (import_table(path, ORIENT_AUTO, &in, err))
		return -1;
	int ret = stir_cells(&in, sum, err);
	import_release(&in);
	return ret;
}

/* ---- ontologies, evidence, references ------------------------------------------------------- */

static int read_onto_file(const char *path, uint64_t *sum, struct err *err)
{
	struct onto *o = onto_read(path, "CL:", err);

	(void)sum;
	onto_free(o);
	return o ? 0 : -1;
}

static int read_label_map(const char *path, uint64_t *sum, struct err *err)
{
	struct labelmap *m = labelmap_read(path, err);

	(void)sum;
	labelmap_free(m);
	return m ? 0 : -1;
}

static int read_go_terms(const char *path, uint64_t *sum, struct err *err)
{
	struct go go = {0};
	int ret = go_read_terms(&go, path, GO_IS_A | GO_PART_OF, err);

	(void)sum;
	if (ret == 0)
		go_finish(&go);
	go_release(&go);
	return ret;
}

static int read_annotations(const char *path, uint64_t *sum, struct err *err)
{
	static const struct gene_tables no_names;
	struct annotation_rules rules = {.taxon = "9606"};
	static char terms[] = "/dev/shm/pipette-terms.XXXXXX";
	static int fd = -1;
	struct go go = {0};
	int ret;

	(void)sum;
	if (fd < 0) { /* the terms that annotations are of, once */
		static const char table[] = "id\tname\taspect\tis_a\tpart_of\talt_id\tslim\n"
					    "GO:1\troot\tP\t\t\t\t\nGO:2\tleft\tP\tGO:1\t\t\t\n";
		fd = mkstemp(terms);
		if (fd < 0 || write(fd, table, strlen(table)) < 0)
			return err_errno(err, "%s", terms);
		unlink(terms);
	}
	char *open_terms = mem_printf("/proc/self/fd/%d", fd);
	ret = go_read_terms(&go, open_terms, GO_IS_A | GO_PART_OF, err);
	ret = ret ? ret : go_read_annotations(&go, path, &rules, &no_names, err);
	free(open_terms);
	go_release(&go);
	return ret;
}

static int read_markers_file(const char *path, uint64_t *sum, struct err *err)
{
	static const struct gene_tables no_names;
	struct gene_evidence e;

	(void)sum;
	if (gene_evidence_read(&e, path, &no_names, err))
		return -1;
	gene_evidence_release(&e);
	return 0;
}

static int read_lists_file(const char *path, uint64_t *sum, struct err *err)
{
	static const struct gene_tables no_names;
	struct list_rules rules = {.most = 100, .largest_padj = 0.05};
	struct gene_lists l;

	(void)sum;
	if (gene_lists_read(&l, path, &rules, &no_names, err))
		return -1;
	gene_lists_release(&l);
	return 0;
}

static int read_candidates_file(const char *path, uint64_t *sum, struct err *err)
{
	struct question_tables tables = {.candidates = path};
	struct questions q;

	(void)sum;
	if (questions_read(&q, &tables, err))
		return -1;
	questions_release(&q);
	return 0;
}

static int read_registry_file(const char *path, uint64_t *sum, struct err *err)
{
	struct registry reg = {0};
	int ret = registry_add(&reg, path, err);

	(void)sum;
	registry_release(&reg);
	return ret;
}

static int read_list_file(const char *path, uint64_t *sum, struct err *err)
{
	struct registry reg = {0};
	int ret = references_read(&reg.list, path, err);

	(void)sum;
	registry_release(&reg);
	return ret;
}

/* ---- binary ------------------------------------------------------------------------------- */

static int read_model_file(const char *path, uint64_t *sum, struct err *err)
{
	struct model *m = model_read(path, err);

	for (size_t i = 0; m && i < m->n_classes; i++)
		stir_text(sum, m->classes[i]);
	model_free(m);
	return m ? 0 : -1;
}

static int read_torch_file(const char *path, uint64_t *sum, struct err *err)
{
	struct vae *v = scvi_read(path, err);

	(void)sum;
	vae_free(v);
	return v ? 0 : -1;
}

static int read_vae_file(const char *path, uint64_t *sum, struct err *err)
{
	struct vae *v = vae_read(path, err);

	(void)sum;
	vae_free(v);
	return v ? 0 : -1;
}

static int read_mtl_file(const char *path, uint64_t *sum, struct err *err)
{
	struct mtl *m = mtl_read(path, err);

	(void)sum;
	mtl_free(m);
	return m ? 0 : -1;
}

static int read_reference_file(const char *path, uint64_t *sum, struct err *err)
{
	struct reference *r = reference_read(path, err);

	(void)sum;
	reference_free(r);
	return r ? 0 : -1;
}

static int read_rds_file(const char *path, uint64_t *sum, struct err *err)
{
	static const char *const none[] = {NULL};
	struct rds_plan plan = {none, none, NULL};
	struct rds *file = rds_read(path, &plan, one_thread(), err);
	struct rds_object object;
	int ret = -1;

	(void)sum;
	struct err other = ERR_INIT; /* a list of other things is no object, but was read */

	if (file && rds_object_open(&object, file, NULL, NULL, &other)) {
		ret = 0;
	} else if (file) {
		struct cells *block;

		ret = 0;
		for (size_t i = 0; ret == 0 && i < object.n_layers; i++) {
			struct stream *s = rds_layer_stream(&object.layers[i]);

			while ((ret = stream_next(s, &block, err)) > 0)
				continue;
			stream_free(s);
		}
		rds_object_close(&object);
	}
	rds_free(file);
	return ret;
}

/* A block of LZF, as it would stand in a chunk. */
static int read_lzf(const char *path, uint64_t *sum, struct err *err)
{
	static uint8_t in[1 << 16], out[1 << 16];
	FILE *f = fopen(path, "rbe");
	size_t n = f ? fread(in, 1, sizeof(in), f) : 0;
	uint8_t *exact = malloc(n | !n); /* so that a sanitizer sees a byte too far */
	size_t got;

	if (f)
		fclose(f);
	memcpy(exact, in, n);
	got = lzf_decode(exact, n, out, sizeof(out));
	free(exact);
	if (got == SIZE_MAX)
		return err_set(err, "the bytes are damaged");
	stir(sum, out, got);
	return 0;
}

static int stir_frame(struct frame *f, uint64_t *sum, struct err *err)
{
	char **keys = f ? frame_keys(f, err) : NULL;
	struct text scratch = TEXT_INIT;

	if (!keys)
		return -1;
	for (size_t row = 0; row < f->n_rows; row++)
		stir_text(sum, keys[row]);
	for (size_t i = 0; i < f->n_columns; i++) {
		const struct column *c = frame_column_at(f, i, err);

		if (!c) {
			text_release(&scratch);
			return -1;
		}
		for (size_t row = 0; row < c->n; row++)
			stir_text(sum, column_text(c, row, &scratch));
	}
	text_release(&scratch);
	return 0;
}

static int stir_h5ad(struct h5ad *f, uint64_t *sum, struct err *err)
{
	if (stir_frame(h5ad_obs(f), sum, err) || stir_frame(h5ad_var(f), sum, err))
		return -1;
	for (size_t i = 0; i < h5ad_n_slots(f); i++) {
		struct stream *s = h5ad_stream(f, h5ad_slot_at(f, i), NULL, one_thread(), err);
		struct cells *block;
		int got = s ? 1 : -1;

		while (got > 0 && (got = stream_next(s, &block, err)) > 0) {
			size_t n = block->starts[block->n_cells];

			stir(sum, block->genes, n * sizeof(*block->genes));
			stir(sum, block->values, n * sizeof(*block->values));
		}
		stream_free(s);
		if (got < 0)
			return -1;
	}
	return 0;
}

static int read_h5ad_file(const char *path, uint64_t *sum, struct err *err)
{
	struct h5ad *f = h5ad_open(path, err);
	int ret = f ? stir_h5ad(f, sum, err) : -1;

	h5ad_close(f);
	return ret;
}

static int read_tenx_file(const char *path, uint64_t *sum, struct err *err)
{
	struct feature_choice choice = {.type = "all"};
	struct import in;

	if (import_tenx(path, &choice, one_thread(), &in, err))
		return -1;
	int ret = stir_cells(&in, sum, err);
	import_release(&in);
	return ret;
}

/* clang-format off */
/* All of them: what C calls it, its name, the ending of its files, what reads, does HDF5 read? */
#define PARSERS(X) \
	X(json, "json", ".json", read_json_file, false) \
	X(yaml, "yaml", ".yaml", read_yaml_file, false) \
	X(config, "config", ".yaml", read_config_file, false) \
	X(table, "table", ".tsv", read_table_file, false) \
	X(csv, "csv", ".csv", read_csv_file, false) \
	X(calls, "calls", ".tsv", read_calls_file, false) \
	X(calls_whole, "calls-whole", ".tsv", read_whole_calls, false) \
	X(panel, "panel", ".json", read_panel_file, false) \
	X(orthologs, "orthologs", ".tsv", read_ortholog_pairs, false) \
	X(eval, "eval", ".json", read_eval_file, false) \
	X(tree, "tree", ".nwk", read_tree_file, false) \
	X(matrix, "matrix", ".csv", read_matrix_table, false) \
	X(onto, "onto", ".obo", read_onto_file, false) \
	X(labelmap, "labelmap", ".tsv", read_label_map, false) \
	X(go, "go", ".obo", read_go_terms, false) \
	X(gaf, "gaf", ".gaf", read_annotations, false) \
	X(markers, "markers", ".tsv", read_markers_file, false) \
	X(lists, "lists", ".gmt", read_lists_file, false) \
	X(candidates, "candidates", ".tsv", read_candidates_file, false) \
	X(registry, "registry", ".yaml", read_registry_file, false) \
	X(reflist, "reflist", ".tsv", read_list_file, false) \
	X(pickle, "pickle", ".pkl", read_model_file, false) \
	X(torch, "torch", ".pt", read_torch_file, false) \
	X(rds, "rds", ".rds", read_rds_file, false) \
	X(lzf, "lzf", ".lzf", read_lzf, false) \
	X(model, "model", ".h5", read_model_file, true) \
	X(vae, "vae", ".h5", read_vae_file, true) \
	X(mtl, "mtl", ".h5", read_mtl_file, true) \
	X(reference, "reference", ".h5", read_reference_file, true) \
	X(h5ad, "h5ad", ".h5ad", read_h5ad_file, true) \
	X(tenx, "10x", ".h5", read_tenx_file, true)

/* clang-format on */

#define PARSER_ROW(id, name, ending, read, hdf5) {name, ending, read, hdf5},
#define PARSER_NUMBER(id, name, ending, read, hdf5) PARSER_##id,

static const struct parser parsers[] = {PARSERS(PARSER_ROW)};
enum { PARSERS(PARSER_NUMBER) N_PARSERS };

UNUSED static const struct parser *parser_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(parsers); i++)
		if (str_eq(parsers[i].name, name))
			return &parsers[i];
	return NULL;
}

#endif
