/* relearn.c - see relearn.h. */
#include "base/util.h"

#include "expression/expression.h"
#include "model/gene_index.h"
#include "model/predict/scorer.h"
#include "train/factors.h"
#include "train/relearn.h"
#include "trust/calibration.h"
#include "trust/missing.h"

#define MEMORY ((size_t)2 << 30)
#define FEWEST_CELLS 50

/* A file's expression. */
struct source {
	struct h5ad *file;
	struct input *input;
};

static void source_close(struct source *s)
{
	input_close(s->input);
	h5ad_close(s->file);
}

static int source_open(struct source *s, const struct relearning *r, const char *path,
		       struct err *err)
{
	struct input_rules rules = {.slot = r->slot, .target_sum = r->model->target_sum};

	s->input = NULL;
	s->file = h5ad_open(path, err);
	if (s->file)
		s->input = input_open(s->file, &rules, r->pool, err);
	if (s->input)
		return 0;
	source_close(s);
	return -1;
}

/* Per gene of the file its number in the model, or UINT32_MAX. The caller frees. */
static uint32_t *map_genes(const struct model *m, const struct input *in, bool *seen)
{
	struct gene_index index = gene_index_new(m);
	uint32_t *map = mem_alloc(in->n_genes, sizeof(*map));

	for (size_t g = 0; g < in->n_genes; g++) {
		uint32_t gene = gene_index_find(&index, in->genes[g]);

		map[g] = gene < GENE_REPEATED ? gene : UINT32_MAX;
		if (seen && gene < GENE_REPEATED)
			seen[gene] = true;
	}
	gene_index_release(&index);
	return map;
}

/* ---- factors ---- */

/* A block with the model's genes. */
static void rename_block(const struct cells *from, const uint32_t *map, size_t n_genes,
			 struct cells *to, struct cell_room *room)
{
	size_t at = 0;

	cells_reserve(to, from->n_cells, cells_stored(from));
	to->n_cells = from->n_cells;
	to->n_genes = n_genes;
	to->starts[0] = 0;
	for (size_t cell = 0; cell < from->n_cells; cell++) {
		size_t n = from->starts[cell + 1] - from->starts[cell];

		memcpy(to->genes + at, from->genes + from->starts[cell], n * sizeof(*to->genes));
		memcpy(to->values + at, from->values + from->starts[cell], n * sizeof(*to->values));
		at += cell_rename(to->genes + at, to->values + at, n, map, room);
		to->starts[cell + 1] = at;
	}
}

static int add_file(struct relearning *r, const char *path, size_t first, struct design *d,
		    bool *seen, struct err *err)
{
	struct source s;
	struct cell_room room = {0};
	struct cells renamed = {0};
	struct cells *block;
	struct stream *cells;
	uint32_t *map;
	int got = -1;

	if (source_open(&s, r, path, err))
		return -1;
	map = map_genes(r->model, s.input, seen);
	cells = input_stream(s.input, NULL, 0, err);
	while (cells && (got = stream_next(cells, &block, err)) > 0) {
		rename_block(block, map, r->model->n_genes, &renamed, &room);
		if (design_add(d, &renamed, first + block->first, NULL, r->pool, err)) {
			got = -1;
			break;
		}
	}
	stream_free(cells);
	cells_release(&renamed);
	cell_room_release(&room);
	free(map);
	source_close(&s);
	return got;
}

/* Factors of genes as they are scaled there, for genes as the model scales them. */
static void rescale(struct model_factors *f, const struct model *m, const struct scaling *s)
{
	for (size_t g = 0; g < m->n_genes; g++) {
		double ratio = s->present[g] ? s->scale[g] / m->scale[g] : 1;

		for (size_t k = 0; k < f->n; k++)
			f->loadings[g * f->n + k] =
				(float)((double)f->loadings[g * f->n + k] * ratio);
		f->rest[g] = (float)MAX((double)f->rest[g] * ratio * ratio, 1e-6);
	}
}

static int learn(struct relearning *r, struct design *d, size_t n_factors, struct err *err)
{
	struct scaling_rules rules = {.with_mean = true, .clip = r->model->clip};
	struct scaling s = {0};
	struct factor_cells cells = {.design = d, .scaling = &s, .pool = r->pool};
	int32_t *label = mem_alloc(d->n_slots, sizeof(*label));
	struct model_factors *f = NULL;

	for (size_t slot = 0; slot < d->n_slots; slot++)
		label[slot] = d->source[slot] == CELL_NONE ? -1 : 0;
	cells.label = label;
	if (!scaling_measure(&s, d, d->n_blocks, label, &rules, r->pool, err))
		f = factors_learn(&cells, n_factors, err);
	if (f) {
		rescale(f, r->model, &s);
		model_factors_free(r->model->factors);
		model_landmarks_free(r->model->landmarks);
		r->model->factors = f;
		r->model->landmarks = NULL;
	}
	scaling_release(&s);
	free(label);
	return f ? 0 : -1;
}

static int count_cells(struct relearning *r, const char *const *paths, size_t n_paths,
		       struct err *err)
{
	r->n_cells = 0;
	for (size_t i = 0; i < n_paths; i++) {
		struct h5ad *file = h5ad_open(paths[i], err);

		if (!file)
			return -1;
		r->n_cells += h5ad_n_cells(file);
		h5ad_close(file);
	}
	if (r->n_cells >= FEWEST_CELLS)
		return 0;
	return err_refuse(err, "%s: %zu cells: factors need %d or more", paths[0], r->n_cells,
			  FEWEST_CELLS);
}

int relearn_factors(struct relearning *r, const char *const *paths, size_t n_paths,
		    size_t n_factors, struct err *err)
{
	bool *seen = mem_zero(r->model->n_genes, sizeof(*seen));
	struct design *d = NULL;
	size_t first = 0;
	int ret = count_cells(r, paths, n_paths, err);

	if (!ret)
		d = design_new(r->model->n_genes, NULL, r->n_cells, MEMORY, NULL);
	for (size_t i = 0; i < n_paths && !ret; i++) {
		struct h5ad *file = h5ad_open(paths[i], err);

		ret = file ? add_file(r, paths[i], first, d, seen, err) : -1;
		first += file ? h5ad_n_cells(file) : 0;
		h5ad_close(file);
	}
	r->n_genes = 0;
	for (size_t g = 0; g < r->model->n_genes; g++)
		r->n_genes += seen[g];
	if (!ret && !r->n_genes)
		ret = err_refuse(
			err,
			"%s: shares no gene with the model (gene-normalize "
			"brings names up to date; lr-model convert is for another species)",
			paths[0]);
	if (!ret)
		ret = design_seal(d, r->pool, err) || learn(r, d, n_factors, err);
	design_free(d);
	free(seen);
	return ret ? -1 : 0;
}

/* ---- calibration ---- */

struct scored {
	double *decisions;
	uint32_t *labels;
	size_t n;
};

/* Per cell of the file its class in the model, or SIZE_MAX. The caller frees. */
static size_t *read_classes(const struct relearning *r, struct h5ad *file, const char *label,
			    struct err *err)
{
	struct frame *obs = h5ad_obs(file);
	const struct column *column = frame_column(obs, label, err);
	struct column_groups groups;
	size_t *class_of;

	if (!column)
		return NULL;
	groups = column_group(column);
	class_of = mem_alloc(obs->n_rows, sizeof(*class_of));
	for (size_t row = 0; row < obs->n_rows; row++)
		class_of[row] = groups.codes[row] < 0
					? SIZE_MAX
					: model_class(r->model, groups.names[groups.codes[row]]);
	column_groups_release(&groups);
	return class_of;
}

static int score_all(struct relearning *r, struct source *s, struct scorer *scorer,
		     const size_t *class_of, struct scored *out, struct err *err)
{
	size_t k = r->model->n_classes, n_cells = h5ad_n_cells(s->file);
	struct stream *cells = input_stream(s->input, NULL, 0, err);
	struct cells *block;
	int got = -1;

	MEM_ARRAY(out->decisions, mem_product(n_cells, k));
	MEM_ARRAY(out->labels, n_cells);
	while (cells && (got = stream_next(cells, &block, err)) > 0) {
		const double *scores = scorer_run(scorer, block, r->pool);

		for (size_t i = 0; i < block->n_cells; i++) {
			if (class_of[block->first + i] == SIZE_MAX)
				continue;
			memcpy(out->decisions + out->n * k, scores + i * k, k * sizeof(*scores));
			out->labels[out->n++] = (uint32_t)class_of[block->first + i];
		}
	}
	stream_free(cells);
	return got;
}

/* A scorer for the file, missing genes expected where that can be. */
static struct scorer *make_scorer(const struct relearning *r, const struct input *in,
				  struct err *err)
{
	bool *present = mem_zero(r->model->n_genes, sizeof(*present));
	struct scorer_rows rows = {0};
	struct expected *e = NULL;
	struct scorer *s = NULL;

	free(map_genes(r->model, in, present));
	if (r->model->factors)
		e = expected_weights(r->model, present, err);
	if (e || !r->model->factors) {
		rows.coef = e ? e->coef : NULL;
		s = scorer_new(r->model, &rows, in->genes, in->n_genes);
	}
	expected_free(e);
	free(present);
	return s;
}

int relearn_calibration(struct relearning *r, const char *path, const char *label, struct err *err)
{
	struct model *m = r->model;
	struct model_calibration *c = NULL;
	struct scored scored = {0};
	struct scorer *scorer = NULL;
	size_t *class_of = NULL;
	struct source s;

	if (source_open(&s, r, path, err))
		return -1;
	class_of = read_classes(r, s.file, label, err);
	if (class_of)
		scorer = make_scorer(r, s.input, err);
	if (scorer && score_all(r, &s, scorer, class_of, &scored, err) == 0) {
		c = scored.n ? calibration_fit(&(struct calibration_cells){scored.decisions,
									   scored.labels, scored.n,
									   m->n_classes},
					       m->loss == LOSS_OVR_LOG)
			     : NULL;
		if (!c)
			err_refuse(err,
				   "%s: obs column %s: %zu cells have a label that is a class of "
				   "the model: cells of two classes are needed",
				   path, label, scored.n);
	}
	if (c) {
		model_calibration_free(m->calibration);
		m->calibration = c;
	}
	r->n_cells = scored.n;
	free(scored.decisions);
	free(scored.labels);
	scorer_free(scorer);
	free(class_of);
	source_close(&s);
	return c ? 0 : -1;
}
