/* vae_report.c - history and calls as tables; see vae_report.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "calls/calls.h"
#include "vae/vae_report.h"

/* ---- history ---- */

void vae_history_add(struct vae_history *h, const struct vae_epoch *e)
{
	MEM_GROW(h->epochs, h->n + 1, h->cap);
	h->epochs[h->n++] = *e;
}

void vae_history_release(struct vae_history *h)
{
	free(h->epochs);
	*h = (struct vae_history){0};
}

int vae_put_history(struct tsv_writer *w, void *history, struct err *err)
{
	const struct vae_history *h = history;

	(void)err;
	tsv_header(w, "epoch\tkl_weight\tloss\treconstruction\tkl\telbo\tcross_entropy\t"
		      "elbo_validation");
	for (size_t i = 0; i < h->n; i++) {
		const struct vae_epoch *e = &h->epochs[i];
		const double values[] = {e->kl_weight, e->loss,          e->reconstruction, e->kl,
					 e->elbo,      e->cross_entropy, e->elbo_validation};

		tsv_put_size(w, e->epoch);
		for (size_t k = 0; k < ARRAY_LEN(values); k++)
			tsv_put_float(w, values[k]);
		tsv_end_row(w);
	}
	return 0;
}

/* ---- calls ---- */

/* The best class, and of the others the best; the first of equals. */
static void find_best(const float *p, size_t n, size_t *best, size_t *second)
{
	*best = 0;
	for (size_t k = 1; k < n; k++)
		if (p[k] > p[*best])
			*best = k;
	*second = *best ? 0 : n > 1;
	for (size_t k = 0; k < n; k++)
		if (k != *best && p[k] > p[*second])
			*second = k;
}

/* Cell 'i', with its probabilities and, unless NULL, its distance and quantile. */
static void put_call(struct tsv_writer *w, const struct vae_calls *c, const char *cell, size_t i,
		     const float *p, const float *nearest)
{
	size_t n = c->n_labels, best, second;
	bool empty = c->empty && c->empty[i];

	find_best(p, n, &best, &second);
	calls_put(w, &(struct calls_row){.cell = cell,
					 .label = empty ? "Unknown" : c->labels->s[best],
					 .confidence = empty ? 0 : (double)p[best],
					 .margin = empty   ? 0
						   : n > 1 ? (double)p[best] - (double)p[second]
							   : (double)p[best],
					 .second = n > 1 && !empty ? c->labels->s[second] : "",
					 .entropy = calls_entropy(p, n),
					 .model = c->model});
	for (size_t k = 0; nearest && k < 2; k++)
		tsv_put_float(w, empty ? NAN : (double)nearest[k]);
	tsv_end_row(w);
}

/* Cells in pieces, so that they need not all be held. */
#define AT_ONCE ((size_t)4096)

struct calls_piece {
	size_t first, n;
	char *const *names;
	const float *p, *nearest; /* nearest: NULL without prototypes */
};

static int piece_at(const struct vae_calls *c, size_t first, struct calls_piece *piece,
		    struct err *err)
{
	piece->first = first;
	piece->n = MIN(AT_ONCE, c->n_cells - first);
	piece->names = frame_keys_at(c->obs, first, piece->n, err);
	piece->p = piece->names ? row_file_at(c->p, first, piece->n, err) : NULL;
	if (!piece->p)
		return -1;
	if (c->nearest->width)
		piece->nearest = row_file_at(c->nearest, first, piece->n, err);
	return c->nearest->width && !piece->nearest ? -1 : 0;
}

int vae_put_calls(struct tsv_writer *w, void *calls, struct err *err)
{
	const struct vae_calls *c = calls;
	struct calls_piece piece = {0};

	if (!c->p->width)
		return 0;
	tsv_header(w,
		   c->nearest->width ? CALLS_HEADER "\tdistance\tdistance_quantile" : CALLS_HEADER);
	for (size_t from = 0; from < c->n_cells; from += AT_ONCE) {
		if (piece_at(c, from, &piece, err))
			return -1;
		for (size_t i = 0; i < piece.n; i++)
			put_call(w, c, piece.names[i], from + i, piece.p + i * c->n_labels,
				 piece.nearest ? piece.nearest + 2 * i : NULL);
	}
	return 0;
}

int vae_put_probabilities(struct tsv_writer *w, void *calls, struct err *err)
{
	const struct vae_calls *c = calls;
	struct calls_piece piece = {0};
	size_t labels = c->n_labels;

	if (!c->p->width)
		return 0;
	tsv_put(w, "cell");
	for (size_t k = 0; k < labels; k++)
		tsv_put(w, c->labels->s[k]);
	tsv_end_row(w);
	for (size_t from = 0; from < c->n_cells; from += AT_ONCE) {
		if (piece_at(c, from, &piece, err))
			return -1;
		for (size_t i = 0; i < piece.n; i++) {
			tsv_put(w, piece.names[i]);
			for (size_t k = 0; k < labels; k++)
				tsv_put_float(w, (double)piece.p[i * labels + k]);
			tsv_end_row(w);
		}
	}
	return 0;
}
