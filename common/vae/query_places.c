/* query_places.c - a query's cells in latent space; see query_places.h. */
#include "base/util.h"

#include "base/mem.h"
#include "vae/query_places.h"
#include "vae/vae_latent.h"

int query_places_find(struct query_places *q, struct vae *v, struct query_counts *counts,
		      const uint32_t *batch, struct pool *pool, struct err *err)
{
	struct latent_wanted w = {.hear = q->hear, .listener = q->listener};
	struct stream *s = query_stream(counts, NULL, 0, err);
	int ret = -1;

	q->n = h5ad_n_cells(counts->file);
	q->labels = q->prototypes ? &v->prototypes.labels : &v->labels;
	q->n_labels = q->prototypes ? v->prototypes.n : v->recipe.n_labels;
	MEM_ZERO(q->latent, mem_product(q->n, v->recipe.n_latent) + 1);
	MEM_ZERO(q->empty, q->n + 1);
	if (q->n_labels)
		MEM_ZERO(q->p, mem_product(q->n, q->n_labels) + 1);
	w.latent = q->latent;
	w.empty = q->empty;
	w.p = q->prototypes ? NULL : q->p;
	if (s)
		ret = vae_latents(v, s, batch, &w, pool, err);
	stream_free(s);
	q->n_empty = w.n_empty;
	if (ret || !q->prototypes)
		return ret;
	MEM_ZERO(q->distance, q->n + 1);
	MEM_ZERO(q->quantile, q->n + 1);
	prototypes_place(&v->prototypes, q->latent, q->n, q->p, q->distance, q->quantile);
	return 0;
}

void query_places_release(struct query_places *q)
{
	free(q->latent);
	free(q->p);
	free(q->distance);
	free(q->quantile);
	free(q->empty);
	*q = (struct query_places){0};
}
