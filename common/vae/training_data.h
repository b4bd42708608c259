/* training_data.h - the cells of an h5ad as a model of counts learns from them.
 *
 * Which genes, whose batches, which labels, and the counts themselves.
 *
 *	struct training_data d = {.in = file, .pool = pool, .slot = "auto", .memory = limit};
 *	if (data_genes(&d, "2000", err) || data_batches(&d, "donor", err) ||
 *	    data_labels(&d, "cell_type", "Unknown", err) || data_counts(&d, err)) ...
 *	training_data_release(&d);
 */
#ifndef VAE_TRAINING_DATA_H
#define VAE_TRAINING_DATA_H

#include "h5ad/frame/column.h"
#include "vae/count_store.h"
#include "vae/query_counts.h"

struct training_data {
	/* The caller's; borrowed. */
	struct h5ad *in;
	struct pool *pool;
	const char *slot;
	size_t memory; /* bytes of counts to hold */

	/* What was found. */
	struct names genes, batches;
	struct names labels;     /* classes in byte order, then the word for none; or empty */
	uint32_t *batch, *label; /* per cell; label: labels.n - 1 for none; NULL without labels */
	struct query_counts counts;
	struct count_store *store;
};

/* "all", the N most variable of log-normalised counts, or those of a panel's file. */
int data_genes(struct training_data *d, const char *which, struct err *err) MUST_USE;

/* Batches in byte order; 'column' NULL: one batch, "0". A cell without a batch is an error. */
int data_batches(struct training_data *d, const char *column, struct err *err) MUST_USE;

/* Two classes at least. Cells without a label, or with that word, have none. */
int data_labels(struct training_data *d, const char *column, const char *none,
		struct err *err) MUST_USE;

/* Over the genes, all of which must be there. */
int data_counts(struct training_data *d, struct err *err) MUST_USE;

void training_data_release(struct training_data *d);

#endif
