/* mtl_file.c - the file of a multi-task mapper; see mtl_file.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "h5ad/hdf5/own_file.h"
#include "h5ad/put.h"
#include "mtl/mtl_file.h"
#include "vae/model_arrays.h"

#define FORMAT "pipette-mtl"
#define VERSION 1
#define MOST ((double)(1 << 24))

/* ---- writing ---- */

static int put_real(hid_t file, const char *name, double value, struct err *err)
{
	return put_number(file, name, H5T_IEEE_F64LE, &value, err);
}

static int put_floats(hid_t file, const char *name, size_t rows, size_t columns,
		      const float *values, struct err *err)
{
	const hsize_t dims[2] = {rows, columns};

	return put_array(file, name, H5T_IEEE_F32LE, columns ? 2 : 1, dims, values, NULL, err);
}

static int put_reals(hid_t file, const char *name, size_t rows, size_t columns, const real *values,
		     struct err *err)
{
	size_t n = rows * MAX(columns, 1);
	float *floats = mem_alloc(n + 1, sizeof(*floats));
	int ret;

	for (size_t i = 0; i < n; i++)
		floats[i] = (float)values[i];
	ret = put_floats(file, name, rows, columns, floats, err);
	free(floats);
	return ret;
}

static int put_dense(hid_t file, const char *what, size_t number, const struct dense *d,
		     struct err *err)
{
	char weight[64], bias[64];

	snprintf(weight, sizeof(weight), "params/%s_%zu.weight", what, number);
	snprintf(bias, sizeof(bias), "params/%s_%zu.bias", what, number);
	return put_reals(file, weight, d->n_in, d->n_out, d->weight.value, err) ||
			       put_reals(file, bias, d->n_out, 0, d->bias.value, err)
		       ? -1
		       : 0;
}

static int put_level(hid_t file, const struct mtl *m, size_t k, struct err *err)
{
	const struct mtl_level *l = &m->levels.level[k];
	const hsize_t n = l->labels.n;
	char name[64], labels[64], parent[64], temperature[64];

	snprintf(name, sizeof(name), "levels/%zu/name", k + 1);
	snprintf(labels, sizeof(labels), "levels/%zu/labels", k + 1);
	snprintf(parent, sizeof(parent), "levels/%zu/parent", k + 1);
	snprintf(temperature, sizeof(temperature), "levels/%zu/temperature", k + 1);
	if (put_text(file, name, l->name, err) ||
	    put_strings(file, labels, l->labels.s, l->labels.n, err) ||
	    put_array(file, parent, H5T_STD_U32LE, 1, &n, l->parent, NULL, err) ||
	    put_real(file, temperature, m->temperature[k], err))
		return -1;
	return put_dense(file, "head", k + 1, &m->head[k], err);
}

static int put_coordinate(hid_t file, const struct mtl_coordinate *c, size_t number,
			  struct err *err)
{
	char name[64], mean[64], sd[64];

	snprintf(name, sizeof(name), "coordinates/%zu/name", number);
	snprintf(mean, sizeof(mean), "coordinates/%zu/mean", number);
	snprintf(sd, sizeof(sd), "coordinates/%zu/sd", number);
	if (put_text(file, name, c->name, err) ||
	    put_floats(file, mean, c->width, 0, c->mean, err) ||
	    put_floats(file, sd, c->width, 0, c->sd, err))
		return -1;
	return put_dense(file, "coordinate", number, &c->head, err);
}

static int put_neighbours(hid_t file, const struct mtl *m, struct err *err)
{
	const struct mtl_neighbours *nb = &m->neighbours;
	const hsize_t dims[2] = {nb->n, m->levels.n};
	int32_t *node;
	int ret;

	if (!nb->n)
		return 0;
	MEM_ZERO(node, nb->n * m->levels.n + 1);
	for (size_t i = 0; i < nb->n * m->levels.n; i++)
		node[i] = nb->node[i] == MTL_NONE ? -1 : (int32_t)nb->node[i];
	ret = put_floats(file, "neighbours/latent", nb->n, mtl_width(m), nb->latent, err) ||
	      put_array(file, "neighbours/node", H5T_STD_I32LE, 2, dims, node, NULL, err);
	free(node);
	return ret ? -1 : 0;
}

static int put_all(hid_t file, const struct mtl *m, struct err *err)
{
	const size_t version = VERSION;

	if (put_attr_text(file, "format", FORMAT, err) ||
	    put_attr_sizes(file, "format_version", &version, 1, err) ||
	    put_strings(file, "genes", m->genes.s, m->genes.n, err) ||
	    put_real(file, "recipe/hidden_1", (double)m->recipe.hidden[0], err) ||
	    put_real(file, "recipe/hidden_2", (double)m->recipe.hidden[1], err) ||
	    put_real(file, "recipe/dropout", m->recipe.dropout, err) ||
	    put_real(file, "recipe/binary", m->recipe.binary, err) ||
	    put_real(file, "recipe/levels", (double)m->levels.n, err) ||
	    put_real(file, "recipe/coordinates", (double)m->n_coordinates, err))
		return -1;
	for (size_t i = 0; i < MTL_LAYERS; i++)
		if (put_dense(file, "layer", i + 1, &m->layer[i].layer[0], err))
			return -1;
	for (size_t k = 0; k < m->levels.n; k++)
		if (put_level(file, m, k, err))
			return -1;
	for (size_t i = 0; i < m->n_coordinates; i++)
		if (put_coordinate(file, &m->coordinate[i], i + 1, err))
			return -1;
	return put_neighbours(file, m, err);
}

int mtl_write(const struct mtl *m, const char *path, struct err *err)
{
	struct own_file f;

	if (own_file_create(&f, path, err))
		return -1;
	return own_file_commit(&f, put_all(f.file, m, err), err);
}

/* ---- reading ---- */

static int read_size(const struct model_source *s, const char *path, double most, double *value)
{
	double *one = model_numbers(s, path, 0, 1, 1);

	if (!one)
		return -1;
	*value = *one;
	free(one);
	if (!(*value >= 0 && *value <= most))
		return err_set(s->err, "%s: %s is %g", s->f->path, path, *value);
	return 0;
}

static int read_text(const struct model_source *s, const char *path, char **text)
{
	struct names one = {0};
	int ret = model_texts(s, path, &one);

	if (ret == 0 && one.n != 1)
		ret = err_set(s->err, "%s: %s: not one text", s->f->path, path);
	if (ret == 0)
		*text = mem_str(one.s[0]);
	names_release(&one);
	return ret;
}

static int read_params(const struct model_source *s, const char *path, struct param *p,
		       size_t n_dims, size_t rows, size_t columns)
{
	float *values = model_floats(s, path, n_dims, rows, columns);

	if (!values)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		p->value[i] = (real)values[i];
	free(values);
	return 0;
}

static int read_dense(const struct model_source *s, const char *what, size_t number,
		      struct dense *d)
{
	char weight[64], bias[64];

	snprintf(weight, sizeof(weight), "/params/%s_%zu.weight", what, number);
	snprintf(bias, sizeof(bias), "/params/%s_%zu.bias", what, number);
	return read_params(s, weight, &d->weight, 2, d->n_in, d->n_out) ||
			       read_params(s, bias, &d->bias, 1, d->n_out, 1)
		       ? -1
		       : 0;
}

static int read_level(const struct model_source *s, struct mtl_levels *levels, size_t k)
{
	struct mtl_level *l = &levels->level[k];
	size_t above = k ? levels->level[k - 1].labels.n : 1;
	char path[64];
	double *parent;

	levels->n = k + 1;
	snprintf(path, sizeof(path), "/levels/%zu/name", k + 1);
	if (read_text(s, path, &l->name))
		return -1;
	snprintf(path, sizeof(path), "/levels/%zu/labels", k + 1);
	if (model_texts(s, path, &l->labels))
		return -1;
	snprintf(path, sizeof(path), "/levels/%zu/parent", k + 1);
	parent = model_numbers(s, path, 1, l->labels.n, 1);
	if (!parent)
		return -1;
	MEM_ZERO(l->parent, l->labels.n + 1);
	for (size_t i = 0; i < l->labels.n; i++)
		l->parent[i] = parent[i] >= 0 && parent[i] < (double)above ? (uint32_t)parent[i]
									   : MTL_NONE;
	free(parent);
	if (!l->labels.n || !mtl_level_index(l, above))
		return err_set(s->err, "%s: %s: nodes are not in their parents' order", s->f->path,
			       path);
	return 0;
}

static int read_coordinate(const struct model_source *s, struct mtl *m, size_t number)
{
	char path[64], *name = NULL;
	struct mtl_coordinate *c;
	uint64_t dims[2] = {0, 0};
	hid_t dataset;

	snprintf(path, sizeof(path), "/coordinates/%zu/mean", number);
	dataset = h5_open(s->f, path, s->err);
	if (dataset < 0)
		return -1;
	if (!h5_is_dataset(dataset) || h5_shape(dataset, dims) != 1 || dims[0] < 1 ||
	    dims[0] > 1 << 14) {
		h5_close(dataset);
		return err_set(s->err, "%s: %s: not a row of numbers", s->f->path, path);
	}
	h5_close(dataset);
	snprintf(path, sizeof(path), "/coordinates/%zu/name", number);
	if (read_text(s, path, &name))
		return -1;
	c = mtl_add_coordinate(m, name, dims[0]);
	free(name);
	free(c->mean);
	free(c->sd);
	snprintf(path, sizeof(path), "/coordinates/%zu/mean", number);
	c->mean = model_floats(s, path, 1, c->width, 1);
	snprintf(path, sizeof(path), "/coordinates/%zu/sd", number);
	c->sd = c->mean ? model_floats(s, path, 1, c->width, 1) : NULL;
	return c->sd ? read_dense(s, "coordinate", number, &c->head) : -1;
}

static int read_neighbours(const struct model_source *s, struct mtl *m)
{
	struct mtl_neighbours *nb = &m->neighbours;
	hid_t dataset;
	uint64_t dims[2] = {0, 0};
	double *node;
	bool matrix;

	if (!h5_exists(s->f->file, "/neighbours"))
		return 0;
	dataset = h5_open(s->f, "/neighbours/latent", s->err);
	if (dataset < 0)
		return -1;
	matrix = h5_is_dataset(dataset) && h5_shape(dataset, dims) == 2 && dims[0] <= 1u << 28;
	h5_close(dataset);
	if (!matrix)
		return err_set(s->err, "%s: /neighbours/latent: not a matrix of cells' places",
			       s->f->path);
	nb->latent = model_floats(s, "/neighbours/latent", 2, dims[0], mtl_width(m));
	node = nb->latent ? model_numbers(s, "/neighbours/node", 2, dims[0], m->levels.n) : NULL;
	if (!node)
		return -1;
	MEM_ZERO(nb->node, dims[0] * m->levels.n + 1);
	for (size_t i = 0; i < dims[0] * m->levels.n; i++) {
		size_t n = m->levels.level[i % m->levels.n].labels.n;

		nb->node[i] = node[i] >= 0 && node[i] < (double)n ? (uint32_t)node[i] : MTL_NONE;
	}
	free(node);
	nb->n = dims[0];
	return 0;
}

static int read_recipe(const struct model_source *s, struct mtl_recipe *r, size_t *n_levels,
		       size_t *n_coordinates)
{
	double hidden[2], binary, levels, coordinates;

	if (read_size(s, "/recipe/hidden_1", MOST, &hidden[0]) ||
	    read_size(s, "/recipe/hidden_2", MOST, &hidden[1]) ||
	    read_size(s, "/recipe/dropout", 1, &r->dropout) ||
	    read_size(s, "/recipe/binary", 1, &binary) ||
	    read_size(s, "/recipe/levels", MTL_LEVELS, &levels) ||
	    read_size(s, "/recipe/coordinates", MTL_COORDINATES, &coordinates))
		return -1;
	r->hidden[0] = (size_t)hidden[0];
	r->hidden[1] = (size_t)hidden[1];
	r->binary = binary != 0;
	*n_levels = (size_t)levels;
	*n_coordinates = (size_t)coordinates;
	if (!*n_levels)
		return err_set(s->err, "%s: a model without a level", s->f->path);
	return mtl_recipe_check(r, s->f->path, s->err);
}

/* The largest tensor must be stored before room for it is made. */
static int check_largest(const struct model_source *s)
{
	hid_t dataset = h5_open(s->f, "/params/layer_1.weight", s->err);
	int ret =
		dataset < 0 ? -1 : h5_check_stored(s->f, dataset, "/params/layer_1.weight", s->err);

	h5_close(dataset);
	return ret;
}

static int read_tensors(const struct model_source *s, struct mtl *m, size_t n_coordinates)
{
	for (size_t i = 0; i < MTL_LAYERS; i++)
		if (read_dense(s, "layer", i + 1, &m->layer[i].layer[0]))
			return -1;
	for (size_t k = 0; k < m->levels.n; k++) {
		char path[64];

		snprintf(path, sizeof(path), "/levels/%zu/temperature", k + 1);
		if (read_dense(s, "head", k + 1, &m->head[k]) ||
		    read_size(s, path, 1e3, &m->temperature[k]))
			return -1;
		if (!(m->temperature[k] > 0))
			return err_set(s->err, "%s: %s is 0", s->f->path, path);
	}
	for (size_t i = 0; i < n_coordinates; i++)
		if (read_coordinate(s, m, i + 1))
			return -1;
	return read_neighbours(s, m);
}

static struct mtl *read_model(const struct model_source *s)
{
	struct mtl_recipe recipe = {0};
	struct mtl_levels levels = {0};
	struct names genes = {0};
	size_t n_levels = 0, n_coordinates = 0;
	struct mtl *m = NULL;

	if (model_texts(s, "/genes", &genes))
		goto release;
	recipe.n_genes = genes.n;
	if (read_recipe(s, &recipe, &n_levels, &n_coordinates) || check_largest(s))
		goto release;
	for (size_t k = 0; k < n_levels; k++)
		if (read_level(s, &levels, k))
			goto release;
	m = mtl_new(&recipe, &levels);
	m->genes = genes;
	if (read_tensors(s, m, n_coordinates) == 0)
		return m;
	mtl_free(m);
	return NULL;
release:
	mtl_levels_release(&levels);
	names_release(&genes);
	return NULL;
}

struct mtl *mtl_read(const char *path, struct err *err)
{
	static const struct own_format format = {FORMAT, VERSION, "model",
						 "not a model of mtl-train"};
	struct model_source s = {own_file_open(path, &format, err), err};
	struct mtl *m = s.f ? read_model(&s) : NULL;

	h5_file_free(s.f);
	return m;
}
