/* container_annex.c - the groups of a model file that may be absent; see model/annex.h. */
#include "base/util.h"

#include <hdf5.h>
#include <math.h>

#include "h5ad/hdf5/hdf5.h"
#include "model/container_private.h"

#define MOST_FACTORS 1000
#define MOST_QUANTILES 100000
#define MOST_LEVELS 100

/* ---- writing ---- */

static bool write_floats(hid_t at, const char *name, size_t n_rows, size_t n, const float *values)
{
	hsize_t dims[2] = {n_rows ? n_rows : n, n};

	return container_write_array(at, name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, n_rows ? 2 : 1,
				     dims, values);
}

static bool write_doubles(hid_t at, const char *name, size_t n, const double *values)
{
	hsize_t dims[1] = {n};

	return container_write_array(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, dims, values);
}

static bool write_factors(hid_t group, const struct model *m)
{
	return write_floats(group, "loadings", m->n_genes, m->factors->n, m->factors->loadings) &&
	       write_floats(group, "rest", 0, m->n_genes, m->factors->rest);
}

static bool write_calibration(hid_t group, const struct model *m)
{
	const struct model_calibration *c = m->calibration;

	return write_doubles(group, "slope", m->n_classes, c->slope) &&
	       write_doubles(group, "offset", m->n_classes, c->offset) &&
	       write_doubles(group, "cells", 1, &c->n_cells);
}

static bool write_landmarks(hid_t group, const struct model *m)
{
	const struct model_landmarks *l = m->landmarks;

	return write_floats(group, "places", l->n, l->n_axes, l->places) &&
	       write_floats(group, "energies", 0, l->n_quantiles, l->energies) &&
	       (!(l->limit > 0) || write_doubles(group, "limit", 1, &l->limit));
}

static bool write_levels(hid_t group, const struct model *m)
{
	const struct model_levels *l = m->levels;

	return container_write_names(group, "names", l->names, l->n) &&
	       container_write_names(group, "of_class", l->of_class, m->n_classes * l->n);
}

static bool write_group(hid_t file, const char *name, const struct model *m,
			bool (*write)(hid_t group, const struct model *m))
{
	hid_t group = container_create_group(file, name);
	bool ok = group >= 0 && write(group, m);

	if (group >= 0)
		ok &= H5Gclose(group) >= 0;
	return ok;
}

bool container_write_annex(hid_t file, const struct model *m)
{
	return (!m->factors || write_group(file, "factors", m, write_factors)) &&
	       (!m->calibration || write_group(file, "calibration", m, write_calibration)) &&
	       (!m->landmarks || write_group(file, "landmarks", m, write_landmarks)) &&
	       (!m->levels || write_group(file, "levels", m, write_levels));
}

/* ---- reading ---- */

/* The shape of a matrix whose stored bytes can be what that says. */
static int shape_of(struct container_source *s, const char *name, hsize_t dims[2])
{
	hid_t dataset = container_open(s, name, 2, dims);
	int ret;

	if (dataset < 0)
		return -1;
	ret = container_check_stored(s, dataset, name, dims[0], dims[1], 4);
	H5Dclose(dataset);
	return ret;
}

static int read_factors(struct container_source *s, struct model *m)
{
	hsize_t shape[2];

	if (!h5_exists(s->file, "factors"))
		return 0;
	if (shape_of(s, "factors/loadings", shape))
		return -1;
	if (shape[0] != m->n_genes || shape[1] < 1 || shape[1] > MOST_FACTORS)
		return err_set(s->err,
			       "%s: factors/loadings: %llu x %llu for %zu genes: factors of "
			       "another gene list (lr-model learn-factors makes them anew)",
			       s->path, (unsigned long long)shape[0], (unsigned long long)shape[1],
			       m->n_genes);
	m->factors = model_factors_new(m->n_genes, shape[1]);
	if (container_read_floats(s, "factors/loadings", m->n_genes, shape[1],
				  m->factors->loadings) ||
	    container_read_floats(s, "factors/rest", 0, m->n_genes, m->factors->rest))
		return -1;
	for (size_t g = 0; g < m->n_genes; g++)
		if (!(m->factors->rest[g] > 0))
			return err_set(s->err, "%s: factors/rest: gene %s has %g, not above 0",
				       s->path, m->genes[g], (double)m->factors->rest[g]);
	return 0;
}

static int read_calibration(struct container_source *s, struct model *m)
{
	struct model_calibration *c;

	if (!h5_exists(s->file, "calibration"))
		return 0;
	MEM_ZERO(c, 1);
	m->calibration = c;
	MEM_ZERO(c->slope, m->n_classes);
	MEM_ZERO(c->offset, m->n_classes);
	if (container_read_numbers(s, "calibration/slope", 0, m->n_classes, c->slope) ||
	    container_read_numbers(s, "calibration/offset", 0, m->n_classes, c->offset) ||
	    container_read_numbers(s, "calibration/cells", 0, 1, &c->n_cells))
		return -1;
	for (size_t i = 0; i < m->n_classes; i++)
		if (!(c->slope[i] > 0) || !isfinite(c->slope[i]) || !isfinite(c->offset[i]))
			return err_set(s->err, "%s: calibration: class %s has slope %g, offset %g",
				       s->path, m->classes[i], c->slope[i], c->offset[i]);
	return 0;
}

static int read_landmarks(struct container_source *s, struct model *m)
{
	struct model_landmarks *l;
	hsize_t places[2], quantiles[2];
	hid_t energies;

	if (!h5_exists(s->file, "landmarks"))
		return 0;
	if (shape_of(s, "landmarks/places", places))
		return -1;
	energies = container_open(s, "landmarks/energies", 1, quantiles);
	if (energies < 0)
		return -1;
	H5Dclose(energies);
	if (!m->factors || places[1] < 1 || places[1] > m->factors->n || !places[0] ||
	    quantiles[0] < 2 || quantiles[0] > MOST_QUANTILES)
		return err_set(s->err, "%s: landmarks: do not fit the factors", s->path);
	MEM_ZERO(l, 1);
	m->landmarks = l;
	l->n = places[0];
	l->n_axes = places[1];
	l->n_quantiles = quantiles[0];
	MEM_ZERO(l->places, mem_product(l->n, l->n_axes));
	MEM_ZERO(l->energies, l->n_quantiles);
	if (container_read_floats(s, "landmarks/places", l->n, l->n_axes, l->places) ||
	    container_read_floats(s, "landmarks/energies", 0, l->n_quantiles, l->energies))
		return -1;
	if (!h5_exists(s->file, "landmarks/limit"))
		return 0; /* from before there was one */
	if (container_read_numbers(s, "landmarks/limit", 0, 1, &l->limit))
		return -1;
	if (!(l->limit > 0) || !isfinite(l->limit))
		return err_set(s->err, "%s: landmarks/limit: %g, not above 0", s->path, l->limit);
	return 0;
}

static int read_level_names(struct container_source *s, struct model *m, const char *dataset,
			    size_t n, char **names)
{
	hsize_t dims[2];
	hid_t at = container_open(s, dataset, 1, dims);
	int ret = -1;

	if (at < 0)
		return -1;
	if (dims[0] != n)
		err_set(s->err, "%s: %s: %llu names where %zu were expected", s->path, dataset,
			(unsigned long long)dims[0], n);
	else
		ret = container_read_names(s, at, dataset, m, names, n);
	H5Dclose(at);
	return ret;
}

static int read_levels(struct container_source *s, struct model *m)
{
	hsize_t dims[2];
	hid_t names;

	if (!h5_exists(s->file, "levels"))
		return 0;
	names = container_open(s, "levels/names", 1, dims);
	if (names < 0)
		return -1;
	H5Dclose(names);
	if (!dims[0] || dims[0] > MOST_LEVELS)
		return err_set(s->err, "%s: levels: %llu of them", s->path,
			       (unsigned long long)dims[0]);
	m->levels = model_levels_new(m->n_classes, dims[0]);
	return read_level_names(s, m, "levels/names", dims[0], m->levels->names) ||
			       read_level_names(s, m, "levels/of_class", m->n_classes * dims[0],
						m->levels->of_class)
		       ? -1
		       : 0;
}

int container_read_annex(struct container_source *s, struct model *m)
{
	return read_factors(s, m) || read_calibration(s, m) || read_landmarks(s, m) ||
			       read_levels(s, m)
		       ? -1
		       : 0;
}
