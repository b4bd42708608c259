/* vae.h - a variational autoencoder of counts: scVI's, and scANVI's with classes.
 *
 * What a model is: its recipe (sizes and switches, as scvi-tools names them), the names of genes,
 * batches and labels in the order of its numbers, and its tensors. Everything else about it stands
 * on this: reading and writing (vae_file.h, torch_file.h), mapping (vae_latent.h), training
 * (vae_step.h), surgery (vae_surgery.h).
 *
 *	struct vae *v = vae_new(&recipe);        // zeros: fill the tensors, or vae_init(v, seed)
 *	vae_free(v);
 *
 * The encoder takes log1p of counts, the decoder gives shares of them; batches (and for scANVI
 * labels) enter as categories, see nn/dense.h. With one batch there is no category at all.
 */
#ifndef VAE_NET_VAE_H
#define VAE_NET_VAE_H

#include "base/err.h"
#include "base/names.h"
#include "nn/stack.h"
#include "vae/net/prototypes.h"

enum vae_dispersion { DISPERSION_GENE, DISPERSION_GENE_BATCH };

struct vae_recipe {
	size_t n_genes, n_batches, n_labels; /* labels without the unlabelled one; 0: scVI */
	size_t n_hidden, n_latent, n_layers;
	double dropout;
	bool zero_inflated; /* ZINB; else NB */
	enum vae_dispersion dispersion;
	bool encode_covariates; /* batches enter the encoder too: what surgery needs */
	bool deep;              /* batches enter every layer */
	bool plain_counts;      /* the encoder takes counts, not log1p of them */
	bool batch_norm_encoder, batch_norm_decoder, layer_norm_encoder, layer_norm_decoder;
	bool linear_classifier;
};

/* A tensor as files know it; here it lies turned, see nn/dense.h. */
struct vae_extra {
	char *name;
	size_t n_dims, shape[2];
	float *values;
};

struct vae {
	struct vae_recipe recipe;
	struct names genes, batches, labels; /* labels: the unlabelled one last, if it has a name */
	char *batch_key, *labels_key, *unlabeled; /* obs columns; the word for no label; or NULL */
	char *origin;                             /* "scvi-tools 1.1.6", "pipette 0.1.0" */

	struct stack encoder;
	struct dense mean, variance;
	struct stack decoder;
	struct dense scale, zeros; /* 'zeros' only when zero_inflated */
	struct param log_theta;    /* genes, or batches x genes */

	/* scANVI: classes from z1, and the second latent z2 of z1 and a class. */
	struct stack classifier; /* without layers when linear */
	struct dense classes;
	struct stack up, down;
	struct dense up_mean, up_variance, down_mean, down_variance;

	struct prototypes prototypes; /* of labels in this latent space; or none */

	struct vae_extra *extras; /* what nothing here uses, kept for other programs */
	size_t n_extras;
};

/* Tensors of zeros; names are empty. */
struct vae *vae_new(const struct vae_recipe *recipe);
void vae_free(struct vae *v); /* NULL is fine */

static inline bool vae_has_classes(const struct vae *v)
{
	return v->recipe.n_labels > 0;
}

/* Categories that a one-hot of n would have: none for one. */
static inline size_t vae_categories(size_t n)
{
	return n > 1 ? n : 0;
}

/* First values as torch draws them: uniform within 1/sqrt(inputs), log theta normal. */
void vae_init(struct vae *v, uint64_t seed);

/* Every param, in a fixed order; returns how many, at most VAE_PARAMS. */
enum { VAE_PARAMS = 256 };
size_t vae_params(struct vae *v, struct param *params[VAE_PARAMS]);

/* ---- tensors by the names of scvi-tools ---- */

struct vae_tensor {
	char name[96];
	size_t n_dims, shape[2]; /* as in torch; a vector has one */
	real *at;                /* a matrix lies turned: shape[1] x shape[0] */
	int64_t *count;          /* a single integer instead, or NULL */
	size_t inputs;           /* of the linear layer it belongs to; 0 for other tensors */
};

/* All tensors the recipe has, in the order of the modules; returns how many. */
enum { VAE_TENSORS = 512 };
size_t vae_tensors(struct vae *v, struct vae_tensor list[VAE_TENSORS]);

/* Is the recipe one that this program can compute with? */
int vae_recipe_check(const struct vae_recipe *recipe, const char *path, struct err *err) MUST_USE;

#endif
