/* scvi_source_private.h - where a release of scvi-tools put what a model is made of.
 *
 * Since 0.15 a model is one file, model.pt: tensors, names and a registry together. Before that it
 * is a folder of three: model_params.pt (the tensors alone), attr.pkl (options and names, a plain
 * pickle) and var_names.csv (a gene a line). A source is either, opened and told apart by what is
 * there; behind it the two look the same.
 *
 *	struct scvi_source s = {0};
 *	if (scvi_source_open(&s, "model.pt", err) == 0)          // or a folder
 *		use(s.state, s.genes, s.batches, s.labels);
 *	scvi_source_release(&s);
 *
 * Nothing in either is run: pickles are read as values, names from an allow-list. Refused by name
 * are classes other than SCVI and SCANVI (a folder does not say its class: its tensors do), and
 * covariates beside the batch. Labels stand in the order of the model's classes: in a folder the
 * word for none is put last, where the model has it.
 */
#ifndef VAE_SCVI_SCVI_SOURCE_PRIVATE_H
#define VAE_SCVI_SCVI_SOURCE_PRIVATE_H

#include "base/names.h"
#include "vae/scvi/torch_file.h"

struct scvi_source {
	char *path; /* of the file with the tensors, for messages */
	struct torch_file *file;
	const struct pickle_value *state;      /* a dict of tensors by name */
	const struct pickle_value *parameters; /* options of the model's constructor */
	struct names genes, batches, labels;   /* labels: with the word for none, the last */
	const struct pickle_value *batch_key, *labels_key; /* columns of obs; may be NULL */
	char *version;                                     /* of scvi-tools; may be NULL */
	struct pickle *attributes;                         /* of a folder, else NULL */
};

/* 0 or -1; to be released either way. 's' is zeroed. */
int scvi_source_open(struct scvi_source *s, const char *path, struct err *err) MUST_USE;
void scvi_source_release(struct scvi_source *s);

/* A text without NUL as a string of its own, NULL when it is none. The caller frees. */
char *scvi_text(const struct pickle_value *v);

#endif
