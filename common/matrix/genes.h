/* genes.h - gene names: joining the genes of several files, and moving cells to other genes.
 *
 *	struct gene_join join = {0};
 *	gene_join_add(&join, names1, n1);      // each input, in order
 *	gene_join_add(&join, names2, n2);
 *	gene_join_finish(&join, GENES_INNER, NULL);
 *	use(join.genes.s, join.maps[0]);       // per gene of input 0: its place, or STRTAB_NONE
 *	gene_join_release(&join);
 */
#ifndef MATRIX_GENES_H
#define MATRIX_GENES_H

#include "base/names.h"
#include "base/pool.h"
#include "base/strtab.h"
#include "base/text.h"
#include "matrix/gene_panel.h"
#include "matrix/stream.h"

enum gene_join_kind { GENES_INNER, GENES_OUTER };

struct gene_join {
	struct names genes; /* the result */
	uint32_t **maps;    /* per input, per gene */
	size_t n_inputs, cap_inputs;
	size_t *n_genes; /* per input */
	size_t cap_sizes;
	struct strtab all; /* every gene of any input */
	uint32_t *in_how_many;
	size_t cap_all;
};

/* Names of one input, each once (names_repeated says). */
void gene_join_add(struct gene_join *join, char *const *names, size_t n);

/*
 * The genes all inputs have, in the order of the first; or those any has, sorted by bytes unless
 * all inputs have the same in the same order: as pandas' intersection and union, which anndata
 * goes by. Of those the ones the panel lists, unless it is NULL.
 */
void gene_join_finish(struct gene_join *join, enum gene_join_kind kind,
		      const struct gene_panel *panel);

/*
 * What an inner join costs, before it is finished: of the genes an input has (and the panel lists),
 * those that all have; and how many all would have without it.
 */
struct gene_loss {
	size_t own, kept, without;
};
struct gene_loss gene_join_loss(const struct gene_join *join, size_t input,
				const struct gene_panel *panel);
void gene_join_release(struct gene_join *join);

/*
 * Cells of 'from' moved to other genes, into 'to' (made room for; its 'first' is kept). 'map' gives
 * each gene's new place, or STRTAB_NONE to drop it. Several genes may share a place: their
 * values are added up in the order of the old genes, in double. Time follows the stored values,
 * whatever the map does to their order.
 */
void cells_map_genes(const struct cells *from, const uint32_t *map, size_t n_genes,
		     struct cells *to, struct pool *pool);

/* The same as a step behind a stream, which it owns. 'map' must outlive it. */
struct stream *stream_map_genes(struct stream *from, const uint32_t *map, size_t n_genes,
				struct pool *pool);

/*
 * Two lists of genes have nothing in common: add why that may be to 'out', with examples of
 * both, and what to do when one has Ensembl ids and the other has not.
 */
void genes_compare(char *const *a, size_t n_a, const char *a_is, char *const *b, size_t n_b,
		   const char *b_is, struct text *out);

#endif
