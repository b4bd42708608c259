/* scatter.c - see scatter.h. */
#include "base/util.h"

#include <math.h>

#include "report/scatter.h"

#define MARGIN 8

static int read_coordinates(struct scatter *s, struct err *err)
{
	static const char *const bases[] = {"X_umap", "X_tsne", "X_pca", "spatial"};
	size_t n = h5ad_n_members(s->file, "obsm");

	for (size_t b = s->in_space ? 3 : 0; b < ARRAY_LEN(bases) && !s->basis; b++)
		for (size_t i = 0; i < n; i++)
			if (str_eq(h5ad_member(s->file, "obsm", i), bases[b]))
				s->basis = bases[b];
	if (!s->basis)
		return 0;
	if (h5ad_obsm(s->file, s->basis, &s->at, &s->n_columns, err))
		return -1;
	if (s->n_columns < 2)
		s->basis = NULL;
	return 0;
}

static bool is_placed(const struct scatter *s, size_t cell)
{
	const double *at = s->at + cell * s->n_columns;

	return isfinite(at[0]) && isfinite(at[1]);
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
	s->radius = s->n_cells < 3000 ? 4 : s->n_cells < 20000 ? 2 : s->n_cells < 200000 ? 1 : 0;
}

struct scatter *scatter_open(const char *path, enum scatter_view view, const char *batch,
			     struct err *err)
{
	struct scatter *s = mem_zero(1, sizeof(*s));
	struct frame *obs;

	s->in_space = view == SCATTER_IN_SPACE;
	s->scratch = (struct text)TEXT_INIT;
	s->file = h5ad_open(path, err);
	obs = s->file ? h5ad_obs(s->file, err) : NULL;
	s->cells = obs ? frame_keys(obs, err) : NULL;
	if (!s->cells)
		goto fail;
	s->n_cells = h5ad_n_cells(s->file);
	if (batch && !(s->batch = frame_column(obs, batch, err)))
		goto fail;
	if (read_coordinates(s, err))
		goto fail;
	if (s->basis) {
		find_bounds(s);
		MEM_ZERO(s->hash, SCATTER_SIDE * SCATTER_SIDE);
		MEM_ARRAY(s->label, SCATTER_SIDE * SCATTER_SIDE);
		memset(s->label, 0xff, SCATTER_SIDE * SCATTER_SIDE * sizeof(*s->label));
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
	free(s->label);
	free(s);
}

static uint32_t hash_row(size_t row)
{
	uint64_t x = (row + 1) * 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(x >> 32);
}

static void stamp(struct scatter *s, long x, long y, uint32_t label, uint32_t hash)
{
	long r = s->radius;

	for (long dy = -r; dy <= r; dy++) {
		for (long dx = -r; dx <= r; dx++) {
			size_t at = (size_t)((y + dy) * SCATTER_SIDE + x + dx);

			if (dx * dx + dy * dy > r * r + r ||
			    (s->label[at] != STRTAB_NONE && s->hash[at] <= hash))
				continue;
			s->label[at] = label;
			s->hash[at] = hash;
		}
	}
}

int scatter_cell(struct scatter *s, size_t row, const char *cell, uint32_t label, struct err *err)
{
	const double room = SCATTER_SIDE - 1 - 2 * MARGIN;
	const double *at;
	double x, y;

	if (row >= s->n_cells)
		return err_set(err,
			       "%s: has %zu cells, the calls have more: not the file they were "
			       "made from",
			       h5ad_path(s->file), s->n_cells);
	if (!str_eq(s->cells[row], cell))
		return err_set(err,
			       "%s: cell %zu is %s, but %s in the calls: not the file they were "
			       "made from",
			       h5ad_path(s->file), row + 1, s->cells[row], cell);
	s->n_read = row + 1;
	if (!s->basis || !is_placed(s, row))
		return 0;
	at = s->at + row * s->n_columns;
	x = (at[0] - s->low[0]) / s->span[0];
	y = (at[1] - s->low[1]) / s->span[1];
	stamp(s, lround(MARGIN + room * x), lround(MARGIN + room * (s->in_space ? y : 1 - y)),
	      label, hash_row(row));
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
