/* lineage.h - what is above a model's classes, and how likely that is.
 *
 * A cell that is a naive CD4 T cell is a T cell. The probability of a term is therefore the sum of
 * the probabilities of the classes at or below it, and an answer that is not sure of the class may
 * well be sure of what is above. Sums of one cell's shares cannot contradict each other: no term is
 * likelier than one above it.
 *
 * What is above a class is known from the Cell Ontology, by the ids of the classes, or from columns
 * of levels that the training cells had (model/annex.h).
 *
 *	struct lineage *l = lineage_of_terms(model, cl, &err);      // or lineage_of_levels(model)
 *	for (size_t i = 0; i < l->n_above[class]; i++)              // the most specific first
 *		p = lineage_sum(&l->terms[l->above[class][i]], probabilities);
 *	lineage_free(l);
 *
 * Terms with no class but one say no more than the class does and are left out; of terms with the
 * same classes the most specific is kept. So are terms above more than half of the ontology: that a
 * cell is a cell is no answer.
 *
 * A level is one way to cut all classes into groups (struct level): a column of levels, or a chosen
 * list of terms. Several are answered from the coarsest down, each within the answer above it, so
 * that no label contradicts the one above.
 */
#ifndef TRUST_LINEAGE_H
#define TRUST_LINEAGE_H

#include "base/err.h"
#include "model/model.h"
#include "onto/onto.h"

struct lineage_term {
	const char *label, *id; /* borrowed from model and ontology; id "" for a level's term */
	uint32_t *classes;      /* at or below it, rising */
	size_t n_classes;
};

struct lineage {
	struct lineage_term *terms;
	size_t n_terms, n_classes;
	uint32_t **above; /* per class: terms, the most specific first */
	size_t *n_above;
};

/* Do ids or levels say anything about the classes? */
bool lineage_known(const struct model *m);

/* By the classes' ids; classes without one have nothing above them. NULL: an id is not a term of the
 * ontology, which err names. Borrows both. */
struct lineage *lineage_of_terms(const struct model *m, const struct onto *o,
				 struct err *err) MUST_USE;

/* By the model's levels, which it has. */
struct lineage *lineage_of_levels(const struct model *m);
void lineage_free(struct lineage *l); /* NULL is fine */

/*
 * Per class and other class: is the other one at or below it? By ids, or by the names of levels. NULL
 * with an error: an id that is no term; NULL without: no class has another below it. The caller
 * frees.
 */
uint8_t *lineage_within(const struct model *m, const struct onto *o, struct err *err) MUST_USE;

/* 'probabilities' are per class. */
double lineage_sum(const struct lineage_term *t, const double *probabilities);

struct level {
	char *name; /* owned */
	size_t n, n_classes;
	const char **labels; /* per group; borrowed from model and ontology */
	uint32_t *group_of;  /* per class */
	bool *below;         /* groups x classes: at or below the group's term */
};

/* A column of the model's levels. -1: it has no such level; err lists those it has. */
int level_of_model(struct level *l, const struct model *m, const char *name,
		   struct err *err) MUST_USE;

/*
 * The nearest listed term at or above each class; a class without one stands for itself. -1: no
 * class has one, or an id is not in the ontology.
 */
int level_of_slim(struct level *l, const struct model *m, const struct onto *o, const bool *listed,
		  struct err *err) MUST_USE;
void level_release(struct level *l); /* zeroed is fine */

/* One cell's group of each level and its probability. 'open' is room for a flag per class. */
void levels_answer(const struct level *levels, size_t n, const double *probabilities, bool *open,
		   uint32_t *groups, double *sums);

#endif
