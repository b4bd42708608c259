/* query_batches.c - the batches of a query; see query_batches.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "vae/query_batches.h"
#include "vae/vae_latent.h"

/* All cells are one batch, called after the file. */
static void one_batch(struct query_batches *b, const struct vae *v, const struct h5ad *file)
{
	const char *base = path_file(h5ad_path(file));
	char *name = mem_strn(base, strcspn(base, "."));

	names_add(&b->fresh, *name ? name : "query");
	for (size_t i = 0; i < h5ad_n_cells(file); i++)
		b->of_cell[i] = (uint32_t)v->recipe.n_batches;
	free(name);
}

static uint32_t known_batch(const struct vae *v, const char *name)
{
	for (size_t i = 0; i < v->batches.n; i++)
		if (str_eq(v->batches.s[i], name))
			return (uint32_t)i;
	return STRTAB_NONE;
}

static int column_batches(struct query_batches *b, const struct vae *v, struct h5ad *file,
			  const char *column, struct err *err)
{
	const struct column *c = frame_column(h5ad_obs(file), column, err);
	struct column_groups groups;
	uint32_t *number;
	int ret = 0;

	if (!c)
		return -1;
	groups = column_group(c);
	if (groups.n_missing)
		ret = err_set(err, "%s: obs/%s: %zu cells have no batch", h5ad_path(file), column,
			      groups.n_missing);
	MEM_ZERO(number, groups.n + 1);
	for (size_t i = 0; i < groups.n; i++) {
		number[i] = known_batch(v, groups.names[i]);
		if (number[i] != STRTAB_NONE)
			continue;
		number[i] = (uint32_t)(v->recipe.n_batches + b->fresh.n);
		names_add(&b->fresh, groups.names[i]);
	}
	for (size_t i = 0; i < h5ad_n_cells(file) && ret == 0; i++)
		b->of_cell[i] = number[groups.codes[i]];
	b->n_known = groups.n - b->fresh.n;
	b->column = column;
	free(number);
	column_groups_release(&groups);
	return ret;
}

int query_batches_find(struct query_batches *b, const struct vae *v, struct h5ad *file,
		       const char *column, struct err *err)
{
	struct frame *obs = h5ad_obs(file);

	*b = (struct query_batches){0};
	MEM_ZERO(b->of_cell, h5ad_n_cells(file) + 1);
	if (!column && v->batch_key && frame_find(obs, v->batch_key))
		column = v->batch_key;
	if (column)
		return column_batches(b, v, file, column, err);
	one_batch(b, v, file);
	return 0;
}

void query_batches_release(struct query_batches *b)
{
	free(b->of_cell);
	names_release(&b->fresh);
}

/* ---- the nearest old one ---- */

#define SAMPLE ((size_t)500)

/* Cells of a batch, evenly spaced. */
static size_t sample_batch(const struct query_batches *b, size_t n_cells, uint32_t batch,
			   size_t *cells)
{
	size_t n = 0, kept = 0, step;

	for (size_t i = 0; i < n_cells; i++)
		n += b->of_cell[i] == batch;
	step = MAX(n / SAMPLE, 1);
	n = 0;
	for (size_t i = 0; i < n_cells && kept < SAMPLE; i++)
		if (b->of_cell[i] == batch && n++ % step == 0)
			cells[kept++] = i;
	return kept;
}

/* Minus the log likelihood of some cells as cells of an old batch. */
static int likelihood_as(struct vae *v, struct query_counts *counts, const size_t *cells, size_t n,
			 uint32_t old, double *sum, struct err *err)
{
	float *latent = mem_zero(n * v->recipe.n_latent + 1, sizeof(*latent));
	double *nll = mem_zero(n + 1, sizeof(*nll));
	uint32_t *as = mem_alloc(n + 1, sizeof(*as));
	struct latent_wanted w = {.latent = latent, .nll = nll};
	struct stream *s = query_stream(counts, cells, n, err);
	int ret;

	for (size_t i = 0; i < n; i++)
		as[i] = old;
	ret = s ? vae_latents(v, s, as, &w, counts->pool, err) : -1;
	*sum = 0;
	for (size_t i = 0; i < n; i++)
		*sum += nll[i];
	stream_free(s);
	free(as);
	free(nll);
	free(latent);
	return ret;
}

int query_batches_nearest(struct query_batches *b, struct vae *v, struct query_counts *counts,
			  uint32_t *nearest, struct err *err)
{
	size_t n_cells = h5ad_n_cells(counts->file), n_old = v->recipe.n_batches, cells[SAMPLE];

	for (size_t i = 0; i < b->fresh.n; i++) {
		size_t n = sample_batch(b, n_cells, (uint32_t)(n_old + i), cells);
		double best = INFINITY, sum;

		nearest[i] = 0;
		for (uint32_t old = 0; old < n_old; old++) {
			if (likelihood_as(v, counts, cells, n, old, &sum, err))
				return -1;
			if (sum < best)
				nearest[i] = old;
			best = MIN(best, sum);
		}
	}
	for (size_t i = 0; i < n_cells; i++)
		if (b->of_cell[i] >= n_old)
			b->of_cell[i] = nearest[b->of_cell[i] - n_old];
	return 0;
}

/* ---- labels ---- */

uint32_t *query_labels(const struct vae *v, struct h5ad *file, size_t *n_labelled)
{
	size_t n = h5ad_n_cells(file);
	struct err ignored = ERR_INIT; /* a column that cannot be read brings no labels */
	struct frame *obs = h5ad_obs(file);
	const struct column *c = NULL;
	struct text scratch = TEXT_INIT;
	uint32_t *label;

	*n_labelled = 0;
	if (!vae_has_classes(v))
		return NULL;
	MEM_ZERO(label, n + 1);
	if (v->labels_key && frame_find(obs, v->labels_key))
		c = frame_column(obs, v->labels_key, &ignored);
	for (size_t i = 0; i < n; i++) {
		const char *s = !c || column_missing(c, i) ? "" : column_text(c, i, &scratch);

		label[i] = 0;
		while (label[i] < v->recipe.n_labels && !str_eq(v->labels.s[label[i]], s))
			label[i]++;
		*n_labelled += label[i] < v->recipe.n_labels;
	}
	text_release(&scratch);
	return label;
}
