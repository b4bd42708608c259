/* scatter.c - see scatter.h. */
#include "base/util.h"

#include <math.h>

#include "report/scatter.h"

#define MARGIN 8

/* The two columns that vary most become the first two. */
static void widest_first(struct scatter *s)
{
	double *wide = mem_zero(s->n_columns, sizeof(*wide));

	for (size_t k = 0; k < s->n_columns; k++) {
		double sum = 0, squares = 0, n = (double)s->n_cells;

		for (size_t i = 0; i < s->n_cells; i++)
			sum += s->at[i * s->n_columns + k];
		for (size_t i = 0; i < s->n_cells; i++)
			squares += pow(s->at[i * s->n_columns + k] - sum / n, 2);
		wide[k] = squares;
	}
	for (size_t to = 0; to < 2; to++) {
		size_t most = to;

		for (size_t k = to + 1; k < s->n_columns; k++)
			if (wide[k] > wide[most])
				most = k;
		wide[most] = wide[to];
		for (size_t i = 0; i < s->n_cells && most != to; i++) {
			double *at = s->at + i * s->n_columns, other = at[to];

			at[to] = at[most];
			at[most] = other;
		}
	}
	free(wide);
}

static int read_coordinates(struct scatter *s, struct err *err)
{
	static const char *const usual[] = {"X_umap", "X_tsne", "X_pca", "spatial"};
	static const char *const latent[] = {"X_scANVI", "X_scVI"};
	bool in_latent = s->ground && !s->ground->basis, is_over = s->ground && !in_latent;
	const char *const *bases = in_latent ? latent : is_over ? &s->ground->basis : usual;
	size_t n = h5ad_n_members(s->file, "obsm"), n_bases = in_latent ? ARRAY_LEN(latent)
							      : is_over ? 1
									: ARRAY_LEN(usual);

	for (size_t b = s->in_space ? n_bases - 1 : 0; b < n_bases && !s->basis; b++)
		for (size_t i = 0; i < n; i++)
			if (str_eq(h5ad_member(s->file, "obsm", i), bases[b]))
				s->basis = bases[b];
	if (!s->basis)
		return 0;
	if (h5ad_obsm(s->file, s->basis, &s->at, &s->n_columns, err))
		return -1;
	if (s->n_columns < 2 || (is_over && s->ground->n_columns != s->n_columns))
		s->basis = NULL;
	else if (in_latent)
		widest_first(s);
	return 0;
}

static bool is_placed(const struct scatter *s, size_t cell)
{
	const double *at = s->at + cell * s->n_columns;

	return isfinite(at[0]) && isfinite(at[1]);
}

/* Of so many points: the one of few, of more, of many, on a page; in a larger picture as large. */
static long radius_of(const struct scatter *s, size_t n, const long by_number[3])
{
	long r = n < 3000 ? by_number[0] : n < 20000 ? by_number[1] : n < 200000 ? by_number[2] : 0;

	return r * (long)s->side / SCATTER_SIDE;
}

static void find_bounds(struct scatter *s)
{
	double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};

	for (size_t i = 0; i < s->n_cells; i++) {
		for (size_t k = 0; k < 2 && is_placed(s, i); k++) {
			low[k] = fmin(low[k], s->at[i * s->n_columns + k]);
			high[k] = fmax(high[k], s->at[i * s->n_columns + k]);
		}
	}
	for (size_t i = 0; s->ground && i < s->ground->n; i++) {
		for (size_t k = 0; k < 2; k++) {
			low[k] = fmin(low[k], s->ground->at[i * s->n_columns + k]);
			high[k] = fmax(high[k], s->ground->at[i * s->n_columns + k]);
		}
	}
	for (size_t k = 0; k < 2; k++) {
		s->low[k] = low[k];
		s->span[k] = high[k] > low[k] ? high[k] - low[k] : 1;
	}
	if (s->in_space) { /* to scale, in the middle */
		double widest = fmax(s->span[0], s->span[1]);

		for (size_t k = 0; k < 2; k++) {
			s->low[k] -= (widest - s->span[k]) / 2;
			s->span[k] = widest;
		}
	}
	s->radius = radius_of(s, s->n_cells, (const long[]){4, 2, 1});
}

/* The pixel of a point. */
static void pixel_of(const struct scatter *s, const double *at, long *x, long *y)
{
	const double margin = (double)(MARGIN * s->side) / SCATTER_SIDE;
	const double room = (double)s->side - 1 - 2 * margin;
	double across = (at[0] - s->low[0]) / s->span[0], up = (at[1] - s->low[1]) / s->span[1];

	*x = lround(margin + room * across);
	*y = lround(margin + room * (s->in_space ? up : 1 - up));
}

static void draw_ground(struct scatter *s)
{
	long x, y, r = radius_of(s, s->ground->n, (const long[]){2, 1, 0});

	MEM_ZERO(s->is_ground, s->n_pixels);
	for (size_t i = 0; i < s->ground->n; i++) {
		pixel_of(s, s->ground->at + i * s->n_columns, &x, &y);
		for (long dy = -r; dy <= r; dy++)
			for (long dx = -r; dx <= r; dx++)
				s->is_ground[(y + dy) * (long)s->side + x + dx] = true;
	}
}

struct scatter *scatter_open(const struct scatter_plan *plan, struct err *err)
{
	struct scatter *s = mem_zero(1, sizeof(*s));
	struct frame *obs;

	s->scratch = (struct text)TEXT_INIT;
	s->ground = plan->ground;
	s->in_space = plan->in_space;
	s->side = plan->side ? plan->side : SCATTER_SIDE;
	s->n_pixels = s->side * s->side;
	s->file = h5ad_open(plan->path, err);
	obs = s->file ? h5ad_obs(s->file) : NULL;
	s->cells = obs ? frame_keys(obs, err) : NULL;
	if (!s->cells)
		goto fail;
	s->n_cells = h5ad_n_cells(s->file);
	if (plan->batch && !(s->batch = frame_column(obs, plan->batch, err)))
		goto fail;
	if (read_coordinates(s, err))
		goto fail;
	if (s->basis) {
		find_bounds(s);
		MEM_ZERO(s->hash, s->n_pixels);
		MEM_ARRAY(s->label, s->n_pixels);
		memset(s->label, 0xff, s->n_pixels * sizeof(*s->label));
		if (s->ground && s->ground->basis)
			draw_ground(s);
	}
	return s;
fail:
	scatter_free(s);
	return NULL;
}

/* What grows with the cells, and the file. */
static void forget_cells(struct scatter *s)
{
	h5ad_close(s->file);
	free(s->at);
	free(s->hash);
	s->file = NULL;
	s->cells = NULL;
	s->batch = NULL;
	s->at = NULL;
	s->hash = NULL;
}

void scatter_free(struct scatter *s)
{
	if (!s)
		return;
	forget_cells(s);
	text_release(&s->scratch);
	strtab_release(&s->batches);
	for (size_t i = 0; i < SCATTER_LAYERS; i++)
		free(s->layer[i]);
	free(s->label);
	free(s->is_ground);
	free(s);
}

static uint32_t hash_row(size_t row)
{
	uint64_t x = (row + 1) * 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(x >> 32);
}

/* A level of SCATTER_LEVELS; 0 for what is not there. */
static unsigned char level(double value, double top)
{
	if (isnan(value))
		return 0;
	return (unsigned char)(1 + lround(fmin(fmax(value / top, 0), 1) * (SCATTER_LEVELS - 1)));
}

static unsigned char name_number(uint32_t number)
{
	return number == STRTAB_NONE ? 0 : (unsigned char)MIN(number + 1, 255);
}

/* What the layers have of a cell. */
static void look(struct scatter *s, const struct seen_cell *seen,
		 unsigned char values[SCATTER_LAYERS])
{
	const char *batch = scatter_batch(s, seen->row);

	values[BY_CONFIDENCE] = level(seen->confidence, 1);
	values[BY_NOVELTY] = level(seen->novelty, SCATTER_NOVEL);
	values[BY_BATCH] = batch ? name_number(strtab_add(&s->batches, batch)) : 0;
	values[BY_MODEL] = name_number(seen->model);
	for (size_t i = 0; i < SCATTER_LAYERS; i++)
		if (values[i] && !s->layer[i])
			MEM_ZERO(s->layer[i], s->n_pixels);
}

static void stamp(struct scatter *s, long x, long y, uint32_t label, uint32_t hash,
		  const unsigned char values[SCATTER_LAYERS])
{
	long r = s->radius;

	for (long dy = -r; dy <= r; dy++) {
		for (long dx = -r; dx <= r; dx++) {
			size_t at = (size_t)((y + dy) * (long)s->side + x + dx);

			if (dx * dx + dy * dy > r * r + r ||
			    (s->label[at] != STRTAB_NONE && s->hash[at] <= hash))
				continue;
			s->label[at] = label;
			s->hash[at] = hash;
			for (size_t i = 0; i < SCATTER_LAYERS; i++)
				if (s->layer[i])
					s->layer[i][at] = values[i];
		}
	}
}

/* Is it the cell that the file has in this row? */
static int check_cell(const struct scatter *s, const struct seen_cell *seen, struct err *err)
{
	if (seen->row >= s->n_cells)
		return err_set(err,
			       "%s: has %zu cells, the calls have more: not the file they were "
			       "made from",
			       h5ad_path(s->file), s->n_cells);
	if (!str_eq(s->cells[seen->row], seen->name))
		return err_set(err,
			       "%s: cell %zu is %s, but %s in the calls: not the file they were "
			       "made from",
			       h5ad_path(s->file), seen->row + 1, s->cells[seen->row], seen->name);
	return 0;
}

int scatter_cell(struct scatter *s, const struct seen_cell *seen, struct err *err)
{
	unsigned char values[SCATTER_LAYERS];
	long x, y;

	if (check_cell(s, seen, err))
		return -1;
	s->n_read = seen->row + 1;
	if (!s->basis || !is_placed(s, seen->row))
		return 0;
	pixel_of(s, s->at + seen->row * s->n_columns, &x, &y);
	look(s, seen, values);
	stamp(s, x, y, seen->label, hash_row(seen->row), values);
	return 0;
}

int scatter_done(struct scatter *s, struct err *err)
{
	if (s->n_read == s->n_cells) {
		forget_cells(s);
		return 0;
	}
	return err_set(err,
		       "%s: has %zu cells, the calls have %zu: not the file they were made from",
		       h5ad_path(s->file), s->n_cells, s->n_read);
}

const char *scatter_batch(struct scatter *s, size_t row)
{
	if (!s->batch || row >= s->n_cells)
		return NULL;
	return column_text(s->batch, row, &s->scratch);
}

const char *scatter_layer_name(enum scatter_layer layer)
{
	static const char *const names[SCATTER_LAYERS] = {
		[BY_CONFIDENCE] = "confidence",
		[BY_NOVELTY] = "novelty",
		[BY_BATCH] = "sample",
		[BY_MODEL] = "model",
	};

	return names[layer];
}

bool scatter_has_layer(const struct scatter *s, const struct query_summary *q,
		       enum scatter_layer layer)
{
	if (layer == BY_BATCH && s->batches.n < 2)
		return false;
	return s->layer[layer] && !(layer == BY_MODEL && q->models.n < 2);
}
