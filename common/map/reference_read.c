/* reference_read.c - reading a *.ref.h5, every shape checked; see reference_private.h. */
#include "base/util.h"

#include "h5ad/array.h"
#include "h5ad/hdf5/own_file.h"
#include "map/reference_private.h"

#define MOST_DIMS ((size_t)1000)
#define MOST_CLUSTERS ((size_t)100000)

struct source {
	struct h5_file *f;
	struct reference *ref;
	bool cells; /* and what there is of each */
	struct err *err;
};

static bool has(const struct source *s, const char *path)
{
	return h5_exists(s->f->file, path);
}

/* ---- numbers ---- */

/* No columns: a vector. */
static struct own_shape shape_of(size_t n_rows, size_t n_columns)
{
	return (struct own_shape){n_columns ? 2 : 1, n_rows, n_columns};
}

static int read_array(struct source *s, const char *path, const struct ref_array *a)
{
	const struct own_shape shape = shape_of(a->n_rows, a->n_columns);

	if (a->optional && !has(s, path))
		return 0;
	if (own_file_check(s->f, path, &shape, s->err))
		return -1;
	*a->at = mem_alloc(mem_product(a->n_rows, MAX(a->n_columns, 1)) + 1, sizeof(**a->at));
	return own_file_read(s->f, path, &shape, H5T_NATIVE_DOUBLE, *a->at, s->err);
}

static int read_scalar(struct source *s, const char *path, double least, double most, double *value)
{
	struct array a;
	int ret = -1;

	if (array_open(&a, s->f, path, NULL, s->err) == 0) {
		if (a.n != 1 || a.kind != ARRAY_FLOAT)
			err_set(s->err, "%s: %s: is not one number", s->f->path, path);
		else
			ret = array_floats(&a, value, s->err);
	}
	array_close(&a);
	if (!ret && !(*value >= least && *value <= most))
		ret = err_set(s->err, "%s: %s: is %g, expected %g to %g", s->f->path, path, *value,
			      least, most);
	return ret;
}

/* ---- text ---- */

/* 'n' texts, or as many as there are when it is 0. */
static int read_texts(struct source *s, const char *path, char ***texts, size_t *n)
{
	struct array a;
	int ret = -1;

	if (array_open(&a, s->f, path, NULL, s->err) == 0) {
		if (a.kind == ARRAY_STRING && H5Tis_variable_str(a.type) > 0)
			err_set(s->err,
				"%s: %s: texts of variable length, where a reference has "
				"a fixed one",
				s->f->path, path);
		else if (a.kind != ARRAY_STRING)
			err_set(s->err, "%s: %s: does not hold text", s->f->path, path);
		else if (*n && a.n != *n)
			err_set(s->err, "%s: %s: %zu texts, expected %zu", s->f->path, path, a.n,
				*n);
		else if (h5_check_stored(s->f, a.dataset, path, s->err) == 0) {
			*n = a.n;
			MEM_ZERO(*texts, a.n + 1);
			ret = array_strings(&a, &s->ref->arena, *texts, s->err);
		}
	}
	array_close(&a);
	return ret;
}

static int read_text(struct source *s, const char *path, char **text)
{
	char **texts = NULL;
	size_t n = 1;
	int ret = has(s, path) ? read_texts(s, path, &texts, &n) : 0;

	if (texts && !ret)
		*text = texts[0];
	free(texts);
	return ret;
}

/* ---- parts ---- */

static int read_tree(struct source *s)
{
	struct reference *ref = s->ref;

	if (read_text(s, "/tree/newick", &ref->tree) ||
	    read_text(s, "/tree/column", &ref->tree_column))
		return -1;
	if (!has(s, "/tree/max_distance"))
		return 0;
	return read_scalar(s, "/tree/max_distance", 0, 1e300, &ref->tree_max_distance);
}

static int read_labels_of(struct source *s, struct ref_labels *l)
{
	struct ref_array list[REF_N_LABEL_ARRAYS];
	char *names = mem_printf("/labels/%s/names", l->column);
	char *ids = mem_printf("/labels/%s/ids", l->column);
	char *codes = mem_printf("/labels/%s/codes", l->column);
	const struct own_shape shape = shape_of(s->ref->n_cells, 0);
	int ret = read_texts(s, names, &l->names, &l->n);

	if (!ret && l->n && has(s, ids))
		ret = read_texts(s, ids, &l->ids, &l->n);
	if (!ret && s->cells && has(s, codes) &&
	    !(ret = own_file_check(s->f, codes, &shape, s->err))) {
		MEM_ARRAY(l->of_cell, s->ref->n_cells + 1);
		ret = own_file_read(s->f, codes, &shape, H5T_NATIVE_INT32, l->of_cell, s->err);
	}
	reference_label_arrays(s->ref, l, list);
	for (size_t i = 0; i < REF_N_LABEL_ARRAYS && !ret; i++) {
		char *path = mem_printf("/%.*s%s%s", (int)strcspn(list[i].name, "%"), list[i].name,
					l->column, strchr(list[i].name, '%') + 2);

		ret = read_array(s, path, &list[i]);
		free(path);
	}
	free(codes);
	free(ids);
	free(names);
	return ret;
}

static int read_labels(struct source *s)
{
	struct reference *ref = s->ref;
	struct members columns;

	if (list_members(s->f, "/labels", &columns, s->err))
		return -1;
	MEM_ZERO(ref->labels, columns.n + 1);
	for (ref->n_labels = 0; ref->n_labels < columns.n;) {
		struct ref_labels *l = &ref->labels[ref->n_labels];

		l->column = reference_str(ref, columns.names[ref->n_labels++]);
		if (read_labels_of(s, l))
			return -1;
	}
	return 0;
}

/* What the shapes of all else follow from. */
static int read_sizes(struct source *s)
{
	struct reference *ref = s->ref;
	hid_t loadings = h5_open(s->f, "/loadings", s->err);
	uint64_t dims[2] = {0, 0};
	double n_cells = 0, k = 0, cosine = 0;

	if (loadings < 0)
		return -1;
	if (h5_is_dataset(loadings))
		h5_shape(loadings, dims);
	h5_close(loadings);
	if (dims[1] < 1 || dims[1] > MOST_DIMS)
		return err_set(s->err, "%s: /loadings: %llu dimensions", s->f->path,
			       (unsigned long long)dims[1]);
	ref->n_dims = dims[1];
	if (has(s, "/clusters/Nr")) {
		hid_t weights = h5_open(s->f, "/clusters/Nr", s->err);

		if (h5_is_dataset(weights))
			h5_shape(weights, dims);
		h5_close(weights);
		ref->clusters.n = dims[0];
		if (dims[0] < 1 || dims[0] > MOST_CLUSTERS)
			return err_set(s->err, "%s: %llu clusters", s->f->path,
				       (unsigned long long)dims[0]);
	}
	if (read_scalar(s, "/n_cells", 0, UINT32_MAX, &n_cells) ||
	    read_scalar(s, "/knn_k", 0, 10000, &k) || read_scalar(s, "/knn_cosine", 0, 1, &cosine))
		return -1;
	ref->n_cells = (size_t)n_cells;
	ref->knn_k = (size_t)k;
	ref->knn_cosine = cosine != 0;
	return 0;
}

static int read_neighbors(struct source *s)
{
	struct reference *ref = s->ref;
	uint64_t dims[2] = {0, 0};
	struct own_shape shape;
	hid_t dataset;

	if (!s->cells || !has(s, "/neighbors/index"))
		return 0;
	dataset = h5_open(s->f, "/neighbors/index", s->err);
	if (h5_is_dataset(dataset))
		h5_shape(dataset, dims);
	h5_close(dataset);
	if (dims[1] < 1 || dims[1] > MOST_DIMS)
		return err_set(s->err, "%s: /neighbors/index: %llu neighbours", s->f->path,
			       (unsigned long long)dims[1]);
	shape = shape_of(ref->n_cells, dims[1]);
	if (own_file_check(s->f, "/neighbors/index", &shape, s->err))
		return -1;
	ref->n_neighbors = dims[1];
	ref->neighbors = mem_alloc(mem_product(ref->n_cells, dims[1]) + 1, sizeof(uint32_t));
	return own_file_read(s->f, "/neighbors/index", &shape, H5T_NATIVE_UINT32, ref->neighbors,
			     s->err);
}

static bool is_of_cells(const struct reference *ref, const struct ref_array *a)
{
	return a->at == &ref->pca || a->at == &ref->corrected || a->at == &ref->layout;
}

static int read_all(struct source *s)
{
	struct reference *ref = s->ref;
	struct ref_genes *g = &ref->genes;
	struct ref_array list[REF_N_ARRAYS];
	size_t n = 0;

	if (read_sizes(s) || read_texts(s, "/genes", &g->names, &g->n) ||
	    read_scalar(s, "/clip_low", -1e300, 1e300, &g->clip_low) ||
	    read_scalar(s, "/clip_high", -1e300, 1e300, &g->clip_high) ||
	    read_scalar(s, "/target_sum", 1e-300, 1e300, &g->target_sum) ||
	    (has(s, "/residuals/least") &&
	     read_scalar(s, "/residuals/least", 0, 1e300, &g->residuals.least)) ||
	    (ref->clusters.n &&
	     (read_scalar(s, "/clusters/sigma", 1e-12, 1e12, &ref->clusters.sigma) ||
	      read_text(s, "/clusters/flavour", &ref->clusters.flavour))))
		return -1;
	reference_arrays(ref, list);
	for (size_t i = 0; i < REF_N_ARRAYS; i++) {
		char *path = mem_printf("/%s", list[i].name);
		bool wanted = list[i].n_rows && (s->cells || !is_of_cells(ref, &list[i]));
		int failed = wanted ? read_array(s, path, &list[i]) : 0;

		free(path);
		if (failed)
			return -1;
	}
	n = ref->n_cells;
	if (s->cells && has(s, "/cells") && n && read_texts(s, "/cells", &ref->cells, &n))
		return -1;
	if (ref->pca && !ref->corrected)
		ref->corrected = ref->pca;
	return read_labels(s) || read_neighbors(s) || read_tree(s) ||
	       read_text(s, "/card", &ref->card);
}

/* Either both spaces have all their clusters' spreads, or none is used. */
static int check_whole(const struct source *s)
{
	const struct ref_clusters *c = &s->ref->clusters;
	const struct ref_residuals *r = &s->ref->genes.residuals;
	bool any = c->pca.means || c->pca.factors || c->corrected.means || c->corrected.factors;
	bool all = c->pca.means && c->pca.factors && c->corrected.means && c->corrected.factors;

	if (any && !all)
		return err_set(s->err,
			       "%s: /clusters: some of mean_pca, chol_pca, mean_harmony, "
			       "chol_harmony are missing",
			       s->f->path);
	if ((r->intercept != NULL) != (r->slope != NULL) ||
	    (r->slope != NULL) != (r->dispersion != NULL))
		return err_set(s->err,
			       "%s: /residuals: intercept, slope and dispersion go together",
			       s->f->path);
	if (!s->ref->pca && s->ref->corrected)
		return err_set(s->err, "%s: /coords/harmony without /coords/pca", s->f->path);
	if ((s->ref->tree != NULL) != (s->ref->tree_column != NULL))
		return err_set(s->err, "%s: /tree: newick and column go together", s->f->path);
	return reference_check(s->ref, s->f->path, s->err);
}

/* The text of an attribute, unless its length is not fixed: that would be followed into the heap. */
static bool says(hid_t object, const char *name, const char *value)
{
	hid_t attribute = H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1;
	hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
	bool fixed = type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;

	h5_close(type);
	h5_close(attribute);
	return fixed && h5_attr_is(object, name, value);
}

static int check_format(struct source *s)
{
	hid_t root = h5_open(s->f, "/", s->err);
	size_t version = 0;
	int ret = -1;

	if (!says(root, "format", REF_FORMAT))
		err_set(s->err, "%s: is not a reference (ref-build and ref-model make them)",
			s->f->path);
	else if (h5_attr_sizes(root, "format_version", &version, 1) || version != REF_VERSION)
		err_set(s->err, "%s: reference format %zu: this program reads %d", s->f->path,
			version, REF_VERSION);
	else
		ret = 0;
	h5_close(root);
	return ret;
}

static struct reference *read_file(const char *path, bool cells, struct err *err)
{
	struct source s = {.f = h5_file_new(path, err), .cells = cells, .err = err};

	if (!s.f)
		return NULL;
	s.ref = reference_new();
	if (check_format(&s) || survey(s.f->file, s.f->path, err) || read_all(&s) ||
	    check_whole(&s)) {
		reference_free(s.ref);
		s.ref = NULL;
	}
	h5_file_free(s.f);
	return s.ref;
}

struct reference *reference_read(const char *path, struct err *err)
{
	return read_file(path, true, err);
}

struct reference *reference_read_space(const char *path, struct err *err)
{
	return read_file(path, false, err);
}

bool reference_is(const char *path)
{
	struct err ignored = ERR_INIT;
	struct h5_file *f = str_eq(path, "-") ? NULL : h5_file_new(path, &ignored);
	hid_t root = f ? h5_open(f, "/", &ignored) : -1;
	bool is = root >= 0 && says(root, "format", REF_FORMAT);

	h5_close(root);
	h5_file_free(f);
	return is;
}
