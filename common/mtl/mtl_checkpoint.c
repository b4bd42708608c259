/* mtl_checkpoint.c - training half done, to a file and back; see mtl_checkpoint.h. */
#include "base/util.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "h5ad/hdf5/own_file.h"
#include "h5ad/put.h"
#include "mtl/mtl_checkpoint.h"
#include "vae/model_arrays.h"

#define FORMAT "pipette-mtl-checkpoint"
#define VERSION ((size_t)1)
#define MOST_EPOCHS 1e6

/* Value, first and second moment: what of a param is kept. */
#define PARTS ((size_t)3)

static void parts_of(const struct param *p, real *parts[PARTS])
{
	parts[0] = p->value;
	parts[1] = p->first;
	parts[2] = p->second;
}

static void param_path(char path[32], size_t i)
{
	snprintf(path, 32, "/params/%zu", i + 1);
}

/* ---- writing ---- */

static int put_param(hid_t file, const struct param *p, size_t i, struct err *err)
{
	const hsize_t dims[2] = {PARTS, p->n};
	float *floats = mem_alloc(mem_product(PARTS, p->n) + 1, sizeof(*floats));
	real *parts[PARTS];
	char path[32];
	int ret;

	parts_of(p, parts);
	for (size_t k = 0; k < PARTS; k++)
		for (size_t j = 0; j < p->n; j++)
			floats[k * p->n + j] = (float)parts[k][j];
	param_path(path, i);
	ret = put_array(file, path + 1, H5T_IEEE_F32LE, 2, dims, floats, NULL, err);
	free(floats);
	return ret;
}

static int put_all(hid_t file, const struct mtl_checkpoint *c, struct err *err)
{
	const size_t version = VERSION;
	const hsize_t dims[2] = {c->n_epochs, 2};
	const double steps = (double)c->adam->step, n_epochs = (double)c->n_epochs;
	struct param *params[MTL_PARAMS];
	size_t n = mtl_params(c->model, params);

	if (put_attr_text(file, "format", FORMAT, err) ||
	    put_attr_sizes(file, "format_version", &version, 1, err) ||
	    put_text(file, "run", c->run, err) ||
	    put_number(file, "steps", H5T_IEEE_F64LE, &steps, err) ||
	    put_number(file, "n_epochs", H5T_IEEE_F64LE, &n_epochs, err) ||
	    put_array(file, "epochs", H5T_IEEE_F64LE, 2, dims, c->epochs, NULL, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_param(file, params[i], i, err))
			return -1;
	return 0;
}

int mtl_checkpoint_write(const char *path, const struct mtl_checkpoint *c, struct err *err)
{
	struct own_file f;

	if (own_file_create(&f, path, err))
		return -1;
	return own_file_commit(&f, put_all(f.file, c, err), err);
}

/* ---- reading ---- */

static int read_count(const struct model_source *s, const char *path, double most, size_t *count)
{
	double *one = model_numbers(s, path, 0, 1, 1);
	int ret = 0;

	if (!one)
		return -1;
	if (*one >= 1 && *one <= most)
		*count = (size_t)*one;
	else
		ret = err_set(s->err, "%s: %s is %g", s->f->path, path, *one);
	free(one);
	return ret;
}

static int check_run(const struct model_source *s, const char *run)
{
	struct names one = {0};
	int ret = model_texts(s, "/run", &one);

	if (ret == 0 && (one.n != 1 || !str_eq(one.s[0], run)))
		ret = err_set(s->err,
			      "%s: the checkpoint of another run (other cells, labels, options or "
			      "seed): remove it, or name another file",
			      s->f->path);
	names_release(&one);
	return ret;
}

static int read_param(const struct model_source *s, struct param *p, size_t i)
{
	real *parts[PARTS];
	char path[32];
	float *floats;

	param_path(path, i);
	floats = model_floats(s, path, 2, PARTS, p->n);
	if (!floats)
		return -1;
	parts_of(p, parts);
	for (size_t k = 0; k < PARTS; k++)
		for (size_t j = 0; j < p->n; j++)
			parts[k][j] = (real)floats[k * p->n + j];
	free(floats);
	return 0;
}

static int read_all(const struct model_source *s, struct mtl_checkpoint *c)
{
	struct param *params[MTL_PARAMS];
	size_t n = mtl_params(c->model, params);
	double *epochs;

	if (check_run(s, c->run) || read_count(s, "/steps", 1e15, &c->adam->step) ||
	    read_count(s, "/n_epochs", MOST_EPOCHS, &c->n_epochs))
		return -1;
	epochs = model_numbers(s, "/epochs", 2, c->n_epochs, 2);
	if (!epochs)
		return -1;
	c->epochs = mem_copy(epochs, 2 * c->n_epochs, sizeof(*epochs));
	free(epochs);
	for (size_t i = 0; i < n; i++)
		if (read_param(s, params[i], i))
			return -1;
	return 0;
}

int mtl_checkpoint_read(const char *path, struct mtl_checkpoint *c, struct err *err)
{
	static const struct own_format format = {
		FORMAT, VERSION, "checkpoint",
		"not a checkpoint of mtl-train: it would be overwritten"};
	struct model_source s = {NULL, err};
	int ret;

	if (access(path, F_OK) && errno == ENOENT)
		return 1;
	s.f = own_file_open(path, &format, err);
	ret = s.f ? read_all(&s, c) : -1;
	h5_file_free(s.f);
	return ret;
}
