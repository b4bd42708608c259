/* query_places.c - a query's cells in latent space; see query_places.h. */
#include "base/util.h"

#include "base/mem.h"
#include "vae/query_places.h"
#include "vae/vae_latent.h"

struct taking {
	struct query_places *q;
	const struct vae *v;
};

/* Shares, distance and quantile by the nearest prototype. */
static int place_by_prototypes(const struct taking *t, const struct latent_piece *piece,
			       struct err *err)
{
	const struct prototypes *prototypes = &t->v->prototypes;
	float *room = mem_alloc(piece->n * (prototypes->n + 4) + 1, sizeof(*room));
	float *distance = room + piece->n * prototypes->n, *quantile = distance + piece->n;
	float *pairs = quantile + piece->n;
	int ret;

	prototypes_place(prototypes, piece->latent, piece->n, room, distance, quantile);
	for (size_t i = 0; i < piece->n; i++) {
		pairs[2 * i] = distance[i];
		pairs[2 * i + 1] = quantile[i];
	}
	ret = row_file_add(&t->q->p, room, piece->n, err) ||
	      row_file_add(&t->q->nearest, pairs, piece->n, err);
	free(room);
	return ret ? -1 : 0;
}

static int take(void *taker, const struct latent_piece *piece, struct err *err)
{
	const struct taking *t = taker;

	if (row_file_add(&t->q->latent, piece->latent, piece->n, err) ||
	    (piece->p && row_file_add(&t->q->p, piece->p, piece->n, err)))
		return -1;
	return t->q->nearest.width ? place_by_prototypes(t, piece, err) : 0;
}

int query_places_find(struct query_places *q, struct vae *v, struct query_counts *counts,
		      const uint32_t *batch, struct pool *pool, struct err *err)
{
	struct taking taking = {q, v};
	struct latent_wanted w = {
		.take = take, .taker = &taking, .hear = q->hear, .listener = q->listener};
	struct stream *s = query_stream(counts, NULL, 0, err);
	int ret = -1;

	q->n = h5ad_n_cells(counts->file);
	q->labels = q->prototypes ? &v->prototypes.labels : &v->labels;
	q->n_labels = q->prototypes ? v->prototypes.n : v->recipe.n_labels;
	MEM_ZERO(q->empty, q->n + 1);
	q->latent = row_file_new(v->recipe.n_latent);
	if (q->label && q->n_labels)
		q->p = row_file_new(q->n_labels);
	if (q->label && q->prototypes)
		q->nearest = row_file_new(2);
	w.empty = q->empty;
	w.classes = q->label && q->n_labels && !q->prototypes;
	if (s)
		ret = vae_latents(v, s, batch, &w, pool, err);
	stream_free(s);
	q->n_empty = w.n_empty;
	return ret;
}

const float *query_places_rows(void *places, size_t first, size_t n, struct err *err)
{
	struct query_places *q = places;

	return row_file_at(&q->latent, first, n, err);
}

void query_places_release(struct query_places *q)
{
	row_file_release(&q->latent);
	row_file_release(&q->p);
	row_file_release(&q->nearest);
	free(q->empty);
	*q = (struct query_places){0};
}
