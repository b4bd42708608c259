/* count_store.h - the counts of all cells, to be asked for in any order.
 *
 * Training draws cells by chance, epoch after epoch. A store keeps what is stored of each cell,
 * over the model's genes, eight bytes a count: in memory up to a limit, else in a scratch file
 * without a name, which the system caches as it sees fit. The order of what is asked for, and with
 * it every result, is the same either way.
 *
 *	struct count_store *s = count_store_of(cells, n_genes, limit, err);
 *	count_store_fetch(s, cells, 128, &facts, false, &room, err);   // room.cells: for vae_step
 *	count_store_free(s);
 */
#ifndef VAE_COUNT_STORE_H
#define VAE_COUNT_STORE_H

#include "base/err.h"
#include "matrix/stream.h"
#include "vae/net/vae_step.h"

struct count_store;

/*
 * All cells of a stream, which is freed; NULL streams are failures already told. 'limit': bytes of
 * counts to hold in memory. A negative value is an error; values that are not whole are counted.
 */
struct count_store *count_store_of(struct stream *cells, size_t n_genes, size_t limit,
				   struct err *err) MUST_USE;

/* The same, of which only is kept that a value is above 0: each is 1. */
struct count_store *count_store_signs(struct stream *cells, size_t n_genes, size_t limit,
				      struct err *err) MUST_USE;
void count_store_free(struct count_store *s); /* NULL is fine */

size_t count_store_n(const struct count_store *s);
size_t count_store_n_fractions(const struct count_store *s); /* cells with values not whole */
double count_store_total(const struct count_store *s, size_t cell);

/* What belongs to cells beside their counts; borrowed, any may be NULL but 'batch'. */
struct cell_facts {
	const uint32_t *batch, *label;
	const real *first; /* see vae_step.h, n x n_hidden */
	size_t n_hidden;
};

/* Cells fetched; zeroed is empty. */
struct fetched {
	struct vae_cells cells; /* points into the rest */
	size_t cap, cap_stored;
	size_t *starts;
	uint32_t *column, *batch, *label;
	real *count, *input, *library, *first;
	uint64_t *number;
	void *raw;
};
void fetched_release(struct fetched *f);

/* Fetch n cells by number; 'plain' when the encoder takes counts and not log1p of them. */
int count_store_fetch(struct count_store *s, const uint32_t *cells, size_t n,
		      const struct cell_facts *facts, bool plain, struct fetched *f,
		      struct err *err) MUST_USE;

#endif
