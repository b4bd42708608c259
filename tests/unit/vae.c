/* vae.c - models of scvi-tools give scvi-tools' latents, losses, gradients and steps. */
#include "base/util.h"

#include <hdf5.h>
#include <math.h>

#include "base/pool.h"
#include "h5ad/h5ad.h"
#include "matrix/logexp.h"
#include "tap.h"
#include "vae/net/vae_step.h"
#include "vae/scvi/scvi_model.h"

#define FOLDER "tests/golden/vae/"

/* ---- what the peer wrote ---- */

struct golden {
	hid_t file;
	char *name;
};

static float *numbers(const struct golden *g, const char *path, size_t *n)
{
	hid_t set = H5Lexists(g->file, path, H5P_DEFAULT) > 0 ? H5Dopen2(g->file, path, H5P_DEFAULT)
							      : -1;
	hid_t space;
	float *values;

	*n = 0;
	if (set < 0)
		return NULL;
	space = H5Dget_space(set);
	*n = (size_t)H5Sget_simple_extent_npoints(space);
	values = mem_zero(*n + 1, sizeof(*values));
	H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	H5Sclose(space);
	H5Dclose(set);
	return values;
}

static double attribute(const struct golden *g, const char *group, const char *name)
{
	double value = NAN;
	hid_t at = H5Lexists(g->file, group, H5P_DEFAULT) > 0 &&
				   H5Aexists_by_name(g->file, group, name, H5P_DEFAULT) > 0
			   ? H5Aopen_by_name(g->file, group, name, H5P_DEFAULT, H5P_DEFAULT)
			   : -1;

	if (at >= 0) {
		H5Aread(at, H5T_NATIVE_DOUBLE, &value);
		H5Aclose(at);
	}
	return value;
}

/* ---- cells ---- */

struct data {
	struct vae_cells cells;
	struct cells block;
	real *input, *counts, *library;
	uint32_t *batch, *label;
	uint64_t *number;
};

/* The cells of a file over the genes of the golden file, by its indices. */
static void read_cells(struct data *d, const char *path, const struct vae *v,
		       const struct golden *g, struct pool *pool)
{
	struct err err = ERR_INIT;
	struct h5ad *in = h5ad_open(path, &err);
	struct frame *var = h5ad_var(in);
	uint32_t *map = mem_alloc(h5ad_n_genes(in), sizeof(*map));
	struct cells *block;
	struct stream *s;
	size_t n, at = 0;
	float *index;
	struct strtab genes = {0};

	for (size_t i = 0; i < v->genes.n; i++)
		strtab_add(&genes, v->genes.s[i]);
	for (size_t i = 0; i < h5ad_n_genes(in); i++)
		map[i] = strtab_find(&genes, frame_keys(var, &err)[i]);
	s = h5ad_stream(in, h5ad_slot(in, "X", &err),
			&(struct pick){.gene_map = map, .n_genes = v->genes.n}, pool, &err);
	*d = (struct data){0};
	cells_reserve(&d->block, s->n_cells, 600000);
	while (stream_next(s, &block, &err) > 0)
		for (size_t i = 0; i < block->n_cells; i++) {
			for (size_t k = block->starts[i]; k < block->starts[i + 1]; k++) {
				d->block.genes[at] = block->genes[k];
				d->block.values[at++] = block->values[k];
			}
			d->block.starts[++d->block.n_cells] = at;
		}
	n = d->block.n_cells;
	d->input = mem_zero(at, sizeof(real));
	d->counts = mem_zero(at, sizeof(real));
	d->library = mem_zero(n, sizeof(real));
	d->number = mem_zero(n, sizeof(*d->number));
	d->batch = mem_zero(n, sizeof(*d->batch));
	d->label = mem_zero(n, sizeof(*d->label));
	for (size_t i = 0; i < n; i++) {
		double sum = 0;

		for (size_t k = d->block.starts[i]; k < d->block.starts[i + 1]; k++) {
			d->counts[k] = (real)d->block.values[k];
			d->input[k] = (real)log1p((double)d->block.values[k]);
			sum += (double)d->block.values[k];
		}
		d->library[i] = (real)sum;
		d->number[i] = i;
	}
	index = numbers(g, "batch_index", &at);
	for (size_t i = 0; i < at; i++)
		d->batch[i] = (uint32_t)index[i];
	free(index);
	index = numbers(g, "label_index", &at);
	for (size_t i = 0; i < at; i++)
		d->label[i] = (uint32_t)index[i];
	free(index);
	d->cells =
		(struct vae_cells){.n = n,
				   .counts = {n, NULL, d->block.starts, d->block.genes, d->counts},
				   .input = d->input,
				   .library = d->library,
				   .batch = d->batch,
				   .label = d->label,
				   .number = d->number};
	stream_free(s);
	h5ad_close(in);
	free(map);
	strtab_release(&genes);
}

static void data_free(struct data *d)
{
	cells_release(&d->block);
	free(d->input);
	free(d->counts);
	free(d->library);
	free(d->batch);
	free(d->label);
	free(d->number);
}

/* Cells picked by number, one behind the other. */
static void pick_cells(struct data *to, const struct data *from, const size_t *which, size_t n)
{
	size_t stored = 0;

	*to = (struct data){0};
	for (size_t i = 0; i < n; i++)
		stored += from->block.starts[which[i] + 1] - from->block.starts[which[i]];
	cells_reserve(&to->block, n, stored);
	to->input = mem_zero(stored, sizeof(real));
	to->counts = mem_zero(stored, sizeof(real));
	to->library = mem_zero(n, sizeof(real));
	to->number = mem_zero(n, sizeof(*to->number));
	to->batch = mem_zero(n, sizeof(*to->batch));
	to->label = mem_zero(n, sizeof(*to->label));
	stored = 0;
	for (size_t i = 0; i < n; i++) {
		size_t cell = which[i];

		for (size_t k = from->block.starts[cell]; k < from->block.starts[cell + 1]; k++) {
			to->block.genes[stored] = from->block.genes[k];
			to->counts[stored] = from->counts[k];
			to->input[stored++] = from->input[k];
		}
		to->block.starts[i + 1] = stored;
		to->library[i] = from->library[cell];
		to->batch[i] = from->batch[cell];
		to->label[i] = from->label[cell];
		to->number[i] = cell;
	}
	to->cells = (struct vae_cells){
		.n = n,
		.counts = {n, NULL, to->block.starts, to->block.genes, to->counts},
		.input = to->input,
		.library = to->library,
		.batch = to->batch,
		.label = to->label,
		.number = to->number};
}

/* ---- comparing ---- */

static double worst(const real *a, const float *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs((double)a[i] - (double)b[i]));
	return most;
}

static double worst_relative(const real *a, const float *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most,
			    fabs((double)a[i] - (double)b[i]) / fmax(fabs((double)b[i]), 1e-6));
	return most;
}

static double worst_sum(const double *a, const float *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(a[i] - (double)b[i]) / fmax(fabs((double)b[i]), 1));
	return most;
}

static void check_forward(const struct golden *g, struct vae_work *w, const struct vae *v,
			  const struct data *d)
{
	size_t n, latent = v->recipe.n_latent;
	const real *mean, *variance;
	float *want = numbers(g, "qzm", &n);
	double *nll = mem_alloc(d->cells.n, sizeof(*nll)), *kl = mem_alloc(d->cells.n, sizeof(*kl));
	real *room;

	vae_encode(w, &d->cells, NULL, &mean, &variance);
	OK(n == d->cells.n * latent && worst(mean, want, n) < 1e-5, "%s: latent means: %.2g",
	   g->name, worst(mean, want, n));
	free(want);
	want = numbers(g, "qzv", &n);
	OK(worst(variance, want, n) < 1e-5, "%s: latent variances: %.2g", g->name,
	   worst(variance, want, n));
	free(want);
	room = mem_zero(d->cells.n * (v->recipe.n_labels + 1), sizeof(*room));
	if (vae_has_classes(v)) {
		vae_classify(w, mean, d->cells.n, room);
		want = numbers(g, "P", &n);
		OK(n == d->cells.n * v->recipe.n_labels && worst(room, want, n) < 1e-5,
		   "%s: probabilities: %.2g", g->name, worst(room, want, n));
		free(want);
	}
	free(room);
	want = numbers(g, "rho", &n);
	room = mem_zero(n + 1, sizeof(*room));
	vae_decode(w, mean, d->batch, n / v->genes.n, room);
	OK(worst_relative(room, want, n) < 1e-4, "%s: shares: %.2g", g->name,
	   worst_relative(room, want, n));
	free(want);
	free(room);
	vae_judge(w, &d->cells, nll, kl);
	want = numbers(g, "nll", &n);
	OK(worst_sum(nll, want, n) < 1e-5, "%s: likelihoods: %.2g", g->name,
	   worst_sum(nll, want, n));
	free(want);
	if (!vae_has_classes(v)) {
		want = numbers(g, "kl", &n);
		OK(worst_sum(kl, want, n) < 1e-5, "%s: KL", g->name);
		free(want);
	}
	free(nll);
	free(kl);
}

/* The param of a tensor, for its gradient. */
static struct param *param_of(struct vae *v, const real *at)
{
	struct param *params[VAE_PARAMS];
	size_t n = vae_params(v, params);

	for (size_t i = 0; i < n; i++)
		if (params[i]->value == at)
			return params[i];
	return NULL;
}

/* Compare a turned matrix with theirs; the worst difference over the largest value. */
static double compare_tensor(const struct vae_tensor *t, const real *ours, const float *theirs,
			     double least)
{
	size_t rows = t->shape[0], columns = t->n_dims == 2 ? t->shape[1] : 1;
	double most = 0, largest = 0;

	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++) {
			double want = (double)theirs[i * columns + j];

			largest = fmax(largest, fabs(want));
			most = fmax(most, fabs((double)ours[j * rows + i] - want));
		}
	return most < least ? 0 : most / fmax(largest, 1e-30);
}

static void check_tensors(const struct golden *g, struct vae *v, const char *group, bool gradients,
			  double tolerance, double least)
{
	struct vae_tensor list[VAE_TENSORS];
	size_t n = vae_tensors(v, list), compared = 0;
	double most = 0;
	char path[200], *where = NULL;

	for (size_t i = 0; i < n; i++) {
		struct param *p = param_of(v, list[i].at);
		size_t len;
		float *want;
		double difference;

		snprintf(path, sizeof(path), "%.80s/%.95s", group, list[i].name);
		want = list[i].at ? numbers(g, path, &len) : NULL;
		if (!want)
			continue;
		difference =
			compare_tensor(&list[i], gradients ? p->grad : list[i].at, want, least);
		if (difference > most) {
			most = difference;
			free(where);
			where = mem_str(list[i].name);
		}
		compared++;
		free(want);
	}
	OK(compared > 3 && most < tolerance, "%s: %s: %zu tensors, worst %.2g (%s)", g->name, group,
	   compared, most, where ? where : "none");
	free(where);
}

static void train_all(struct vae *v)
{
	struct param *params[VAE_PARAMS];
	size_t n = vae_params(v, params);

	for (size_t i = 0; i < n; i++)
		param_train(params[i], 0, params[i]->n);
}

struct losses {
	double total, cross_entropy;
};

/* The loss that the golden gradients are of: the first cells, and the labelled ones. */
static struct losses one_step(struct vae_work *w, const struct vae *v, const struct data *first,
			      const struct data *labelled, const struct vae_how *how)
{
	struct vae_loss loss = vae_step(w, &first->cells, how);
	struct losses out = {loss.total, 0};

	if (vae_has_classes(v) && labelled->cells.n) {
		out.cross_entropy = vae_label_step(w, &labelled->cells, how, 50);
		out.total += 50 * out.cross_entropy;
	}
	return out;
}

static void check_loss(const struct golden *g, const char *group, struct losses loss)
{
	double want = attribute(g, group, "loss"), ce = attribute(g, group, "cross_entropy");

	OK(fabs(loss.total / want - 1) < 1e-5, "%s: %s: the loss: %.7g, %.7g", g->name, group,
	   loss.total, want);
	if (!isnan(ce))
		OK(fabs(loss.cross_entropy / ce - 1) < 1e-5, "%s: %s: cross entropy", g->name,
		   group);
}

static void check_back(const struct golden *g, struct vae_work *w, struct vae *v,
		       const struct data *d, struct pool *pool)
{
	size_t first[128], labelled[128], n = MIN(d->cells.n, 128), n_labelled, len;
	struct data a, b;
	float *index = numbers(g, "labelled_index", &n_labelled), *xi1, *xi2;
	struct vae_how how = {.kl_weight = 0.25};
	struct param *params[VAE_PARAMS];
	size_t n_params = vae_params(v, params);
	struct adam adam = {1e-3, 1e-2, 1e-6, 0};
	struct losses loss = {0};

	for (size_t i = 0; i < n; i++)
		first[i] = i;
	for (size_t i = 0; i < n_labelled; i++)
		labelled[i] = (size_t)index[i];
	free(index);
	pick_cells(&a, d, first, n);
	pick_cells(&b, d, labelled, n_labelled);
	train_all(v);
	loss = one_step(w, v, &a, &b, &how);
	check_loss(g, "grad_mean", loss);
	check_tensors(g, v, "grad_mean", true, 1e-4, 3e-6);
	xi1 = numbers(g, "xi1", &len);
	xi2 = numbers(g, "xi2", &len);
	if (xi1) {
		train_all(v);
		how.training = true;
		how.draw = xi1;
		how.second_draw = xi2;
		loss = one_step(w, v, &a, &b, &how);
		check_loss(g, "grad_xi", loss);
		check_tensors(g, v, "grad_xi", true, 1e-4, 3e-6);
		if (v->recipe.batch_norm_encoder)
			check_tensors(g, v, "running_after", false, 1e-5, 1e-6);
		adam_step(&adam, params, n_params, pool);
		for (int step = 1; step < 3; step++) {
			one_step(w, v, &a, &b, &how);
			adam_step(&adam, params, n_params, pool);
		}
		if (!isnan(attribute(g, "adam", "steps")))
			check_tensors(g, v, "adam", false, 1e-5, 2e-6);
	}
	free(xi1);
	free(xi2);
	data_free(&a);
	data_free(&b);
}

static void check_model(const char *name, const char *cells, bool back)
{
	struct err err = ERR_INIT;
	char *model = mem_printf(FOLDER "%s.pt", name), *file = mem_printf(FOLDER "%s.h5", name);
	char *path = mem_printf(FOLDER "%s.h5ad", cells);
	struct golden g = {H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), (char *)name};
	struct pool *pool = pool_new(2);
	struct vae *v = scvi_read(model, &err);

	if (OK(v, "%s: read: %s", name, err.text)) {
		struct vae_work *w = vae_work_new(v, pool);
		struct data d;

		read_cells(&d, path, v, &g, pool);
		check_forward(&g, w, v, &d);
		if (back)
			check_back(&g, w, v, &d, pool);
		data_free(&d);
		vae_work_free(w);
	}
	vae_free(v);
	pool_free(pool);
	H5Fclose(g.file);
	free(model);
	free(file);
	free(path);
}

int main(void)
{
	check_model("scvi_zinbln", "ref", true);
	check_model("scvi_gbatch", "ref", true);
	check_model("scanvi_arches", "ref", true);
	check_model("scanvi_arches_lin", "ref", true);
	check_model("scanvi_zinbbn", "ref", true);
	check_model("scanvi_arches.1.4.2", "ref", true);
	check_model("scanvi_zinbbn.0.20.3", "ref", false);
	check_model("scanvi_arches.query", "query", false);
	check_model("scvi_flat.query2", "query2", false);
	check_model("scanvi_zinbbn.query2", "query2", false);
	return done_testing();
}
