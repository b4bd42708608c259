/* vae-model - look into a model of counts (scVI, scANVI) and turn it from one file into another.
 *
 * Reads scvi-tools' model.pt, or the folder that holds it, and the files of vae-train. info writes
 * a TSV; import and export write a model in the format that the output's name asks for. Nothing in
 * a model.pt is run. The same model gives the same bytes.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/text.h"
#include "base/tool.h"
#include "vae/reference_prototypes.h"
#include "vae/scvi/scvi_model.h"
#include "vae/vae_file.h"
#include "vae/vae_surgery.h"

static struct opts {
	const char *label, *batch, *slot, *output;
} o = {.slot = "auto", .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("label", 'l', label, "COLUMN", "prototypes: obs column of labels"),
	OPT_TEXT("batch", 'b', batch, "COLUMN", "prototypes: obs column of batches (the model's)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "prototypes: matrix with counts (auto)"),
	OPT_TEXT("output", 'o', output, "FILE",
		 "table, or model: .pt (scvi-tools), else our own (standard output)"),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "look into a model of counts (scVI, scANVI) and convert it",
	.synopsis = "VERB [OPTIONS] MODEL [REFERENCE] [-o OUTPUT]",
	.options = options,
	.max_inputs = 3,
	.details = "Verbs: info, genes, batches, labels; import, export (from one format to "
		   "another);\n"
		   "prototypes (the model with a place for each label of REFERENCE, an h5ad).\n"
		   "MODEL is scvi-tools' model.pt, the folder with it, or a file of vae-train.",
};

/* ---- tables ---- */

static const char *both(bool encoder, bool decoder)
{
	return encoder ? decoder ? "both" : "encoder" : decoder ? "decoder" : "none";
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

static void do_info(struct vae *v)
{
	const struct vae_recipe *r = &v->recipe;
	struct outfile *out = tool_open(o.output);
	FILE *f = outfile_stream(out);

	fprintf(f, "what\tvalue\n");
	fprintf(f, "class\t%s\n", vae_has_classes(v) ? "SCANVI" : "SCVI");
	fprintf(f, "origin\t%s\n", or_none(v->origin));
	fprintf(f, "genes\t%zu\nbatches\t%zu\nlabels\t%zu\n", r->n_genes, r->n_batches,
		r->n_labels);
	fprintf(f, "batch_key\t%s\nlabels_key\t%s\nunlabeled\t%s\n", or_none(v->batch_key),
		or_none(v->labels_key), or_none(v->unlabeled));
	fprintf(f, "hidden\t%zu\nlatent\t%zu\nlayers\t%zu\ndropout\t%g\n", r->n_hidden, r->n_latent,
		r->n_layers, r->dropout);
	fprintf(f, "likelihood\t%s\n", r->zero_inflated ? "zinb" : "nb");
	fprintf(f, "dispersion\t%s\n",
		r->dispersion == DISPERSION_GENE_BATCH ? "gene-batch" : "gene");
	fprintf(f, "batch_norm\t%s\n", both(r->batch_norm_encoder, r->batch_norm_decoder));
	fprintf(f, "layer_norm\t%s\n", both(r->layer_norm_encoder, r->layer_norm_decoder));
	fprintf(f, "encode_covariates\t%s\n", r->encode_covariates ? "yes" : "no");
	fprintf(f, "deeply_inject_covariates\t%s\n", r->deep ? "yes" : "no");
	if (vae_has_classes(v))
		fprintf(f, "classifier\t%s\n", r->linear_classifier ? "linear" : "layers");
	fprintf(f, "surgery\t%s\n",
		vae_can_move(v) ? "a new batch moves latents"
				: "moves nothing: the encoder never sees the batch");
	fprintf(f, "prototypes\t%zu\n", v->prototypes.n);
	tool_commit(out);
}

static void list_names(const char *what, const struct names *names, size_t n)
{
	struct outfile *out = tool_open(o.output);

	fprintf(outfile_stream(out), "%s\n", what);
	for (size_t i = 0; i < n; i++)
		fprintf(outfile_stream(out), "%s\n", names->s[i]);
	tool_commit(out);
}

static void do_genes(struct vae *v)
{
	list_names("gene", &v->genes, v->genes.n);
}

static void do_batches(struct vae *v)
{
	list_names("batch", &v->batches, v->batches.n);
}

static void do_labels(struct vae *v)
{
	if (!vae_has_classes(v))
		die("an scVI model has no labels");
	list_names("label", &v->labels, v->recipe.n_labels);
}

/* ---- models ---- */

static void write_model(struct vae *v)
{
	struct err err = ERR_INIT;

	manifest_output(o.output);
	if (str_ends(o.output, ".pt") ? scvi_write(v, o.output, &err)
				      : vae_file_write(v, o.output, &err))
		die_err(&err);
	say("%s: %zu genes, %zu batches, %zu labels", o.output, v->recipe.n_genes,
	    v->recipe.n_batches, v->recipe.n_labels);
}

/* What the verb 'prototypes' is told beside the model. */
static const char *reference;

static void do_prototypes(struct vae *v)
{
	const struct prototype_source how = {o.label, o.batch, o.slot, v->unlabeled};
	struct err err = ERR_INIT;
	struct pool *pool = pool_new(tool_threads);
	struct h5ad *in = h5ad_open(reference, &err);

	if (!in || prototypes_from_file(v, in, &how, pool, &err))
		die_err(&err);
	manifest_input(reference);
	say("%s: prototypes of %zu labels", reference, v->prototypes.n);
	h5ad_close(in);
	pool_free(pool);
	write_model(v);
}

/* ---- main ---- */

static const struct verb {
	const char *name;
	void (*act)(struct vae *v);
} verbs[] = {{"info", do_info},
	     {"genes", do_genes},
	     {"batches", do_batches},
	     {"labels", do_labels},
	     {"import", write_model},
	     {"export", write_model},
	     {"prototypes", do_prototypes}};

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	const struct verb *verb;
	struct inputs in;
	struct vae *v;

	tool_begin("vae-model", argc, argv);
	in = opt_parse(&usage, argc, argv);
	verb = &verbs[opt_verb(&in, verbs, ARRAY_LEN(verbs), sizeof(*verbs))];
	if (verb->act == do_prototypes && (in.n != 3 || !o.label || str_ends(o.output, ".pt")))
		die_usage(
			"prototypes needs a model, an h5ad and -l COLUMN, and writes our own file");
	if (verb->act != do_prototypes && in.n != 2)
		die_usage("%s needs one model", verb->name);
	reference = in.n == 3 ? in.paths[2] : NULL;
	if (str_eq(verb->name, "export") && !str_ends(o.output, ".pt"))
		die_usage("export writes for scvi-tools: -o FOLDER/model.pt");
	v = vae_read(in.paths[1], &err);
	if (!v)
		die_err(&err);
	manifest_input(in.paths[1]);
	verb->act(v);
	vae_free(v);
	return tool_end();
}
