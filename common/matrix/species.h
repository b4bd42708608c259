/* species.h - whose genes are these?
 *
 * Genes of two species share a few dozen names by chance, and a join of both is a model of those.
 * Ensembl ids say the species (ENSG, ENSMUSG, ENSDARG); symbols are written in its way: CD3D in
 * primates, Cd3d in mouse and rat, cd3d in zebrafish.
 *
 *	enum species a = species_of_genes(names, n);
 *	if (!species_agree(a, b))
 *		err_refuse(err, "%s and %s genes", species_name(a), species_name(b));
 *
 * Mouse genes that were renamed to human orthologues are human by their names, as they should be.
 */
#ifndef MATRIX_SPECIES_H
#define MATRIX_SPECIES_H

#include "base/util.h"

enum species {
	SPECIES_UNKNOWN, /* too few names, or of no one style */
	SPECIES_HUMAN,   /* by ids; by symbols, also other primates */
	SPECIES_RODENT,  /* mouse; by symbols, also rat */
	SPECIES_FISH,
	SPECIES_OTHER, /* by ids of another species */
};

enum species species_of_genes(char *const *names, size_t n);
bool species_agree(enum species a, enum species b); /* what is unknown agrees with all */
const char *species_name(enum species s);           /* "human", "mouse or rat", ... */

#endif
