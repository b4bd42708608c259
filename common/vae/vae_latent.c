/* vae_latent.c - cells in latent space; see vae_latent.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "matrix/logexp.h"
#include "vae/net/vae_step.h"
#include "vae/vae_latent.h"

#define AT_ONCE ((size_t)512)

struct latent_run {
	struct vae *v;
	struct vae_work *work;
	struct latent_wanted *w;
	const uint32_t *batch;
	size_t *starts;
	real *count, *input, *library, *p;
	uint64_t *number;
	size_t cap;
};

static void run_release(struct latent_run *r)
{
	vae_work_free(r->work);
	free(r->starts);
	free(r->count);
	free(r->input);
	free(r->library);
	free(r->p);
	free(r->number);
}

/* Counts of some cells of a block, and the sums over them. */
static int unpack(struct latent_run *r, const struct cells *block, size_t from, size_t n,
		  struct err *err)
{
	size_t first = block->starts[from], stored = block->starts[from + n] - first;

	if (stored > r->cap) {
		free(r->count);
		free(r->input);
		r->cap = stored + stored / 4;
		r->count = mem_vectors(r->cap, sizeof(real));
		r->input = mem_vectors(r->cap, sizeof(real));
	}
	for (size_t i = 0; i <= n; i++)
		r->starts[i] = block->starts[from + i] - first;
	for (size_t i = 0; i < n; i++) {
		double sum = 0;

		for (size_t k = r->starts[i]; k < r->starts[i + 1]; k++) {
			float x = block->values[first + k];

			if (x < 0)
				return err_set(err, "cell %zu holds %g: counts are not negative",
					       block->first + from + i + 1, (double)x);
			r->count[k] = r->input[k] = (real)x;
			sum += (double)x;
		}
		r->library[i] = (real)sum;
		r->w->n_empty += sum == 0;
		if (r->w->empty)
			r->w->empty[block->first + from + i] = sum == 0;
		r->number[i] = block->first + from + i;
	}
#ifdef NN_DOUBLE
	for (size_t k = 0; !r->v->recipe.plain_counts && k < stored; k++)
		r->input[k] = log1p(r->input[k]);
#else
	if (!r->v->recipe.plain_counts)
		log1p_scaled(r->input, stored, 1);
#endif
	return 0;
}

static int place(struct latent_run *r, const struct cells *block, size_t from, size_t n,
		 struct err *err)
{
	const struct vae_recipe *recipe = &r->v->recipe;
	size_t at = block->first + from, width = recipe->n_latent;
	const struct vae_cells cells = {
		.n = n,
		.counts = {n, NULL, r->starts, block->genes + block->starts[from], r->count},
		.input = r->input,
		.library = r->library,
		.batch = r->batch + at,
		.number = r->number};
	const real *mean, *variance;

	vae_encode(r->work, &cells, NULL, &mean, &variance);
	for (size_t i = 0; r->w->latent && i < n * width; i++)
		r->w->latent[at * width + i] = (float)mean[i];
	if (r->w->classes)
		vae_classify(r->work, mean, n, r->p);
	if (r->w->take) {
		struct latent_piece piece = {n, mean, r->w->classes ? r->p : NULL};

		if (r->w->take(r->w->taker, &piece, err))
			return -1;
	}
	if (r->w->nll)
		vae_judge(r->work, &cells, r->w->nll + at, NULL);
	return 0;
}

int vae_latents(struct vae *v, struct stream *cells, const uint32_t *batch, struct latent_wanted *w,
		struct pool *pool, struct err *err)
{
	struct latent_run r = {.v = v, .w = w, .batch = batch, .work = vae_work_new(v, pool)};
	struct cells *block;
	int got;

	r.starts = mem_zero(AT_ONCE + 1, sizeof(*r.starts));
	r.library = mem_vectors(AT_ONCE, sizeof(real));
	r.number = mem_zero(AT_ONCE, sizeof(*r.number));
	r.p = mem_vectors(AT_ONCE * (v->recipe.n_labels + 1), sizeof(real));
	while ((got = stream_next(cells, &block, err)) > 0) {
		for (size_t from = 0; from < block->n_cells && got > 0; from += AT_ONCE) {
			size_t n = MIN(AT_ONCE, block->n_cells - from);

			if (unpack(&r, block, from, n, err) || place(&r, block, from, n, err))
				got = -1;
		}
		if (got < 0)
			break;
		if (w->hear)
			w->hear(w->listener, block->first + block->n_cells);
	}
	run_release(&r);
	return got < 0 ? -1 : 0;
}
