/* container.c - reading the model file; see container.h. container*.c alone see HDF5 here. */
#include "base/util.h"

#include <hdf5.h>

#include "base/notice.h"
#include "base/text.h"
#include "h5ad/hdf5/hdf5.h"
#include "model/container.h"
#include "model/container_private.h"

bool container_is(const char *path)
{
	static const unsigned char magic[8] = "\211HDF\r\n\032\n";
	unsigned char head[8];
	FILE *file = fopen(path, "rb");
	bool is = file && fread(head, 1, 8, file) == 8 && memcmp(head, magic, 8) == 0;

	if (file)
		fclose(file);
	return is;
}

static int read_settings(struct container_source *s, struct model *m)
{
	char *loss = container_text(s->file, "loss");
	double with_mean;
	int ret = -1;

	if (!loss || !model_loss_from_name(loss, &m->loss))
		err_set(s->err, "%s: attribute 'loss' is '%.40s': expected ovr-log or softmax",
			s->path, loss ? loss : "");
	else if (!container_read_number(s, "clip", &m->clip) &&
		 !container_read_number(s, "target_sum", &m->target_sum) &&
		 !container_read_number(s, "with_mean", &with_mean)) {
		m->with_mean = with_mean != 0;
		ret = 0;
	}
	free(loss);
	return ret;
}

/* The scalar text that training leaves on the card. */
static int read_trained_on(struct container_source *s, struct model *m)
{
	hsize_t dims[2];

	if (!h5_exists(s->file, "card/trained_on"))
		return 0;
	hid_t dataset = container_open(s, "card/trained_on", 0, dims);
	if (dataset < 0)
		return -1;
	hid_t type = H5Dget_type(dataset);
	size_t width = H5Tget_size(type);
	int ret = -1;

	if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0)
		err_set(s->err, "%s: card/trained_on: not a text of fixed length", s->path);
	else if (!container_check_stored(s, dataset, "card/trained_on", 1, 1, width)) {
		char *text = mem_zero(width + 1, 1);

		if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0 ||
		    !utf8_valid(text, strlen(text))) {
			err_set(s->err, "%s: card/trained_on: cannot be read", s->path);
		} else {
			m->card.trained_on = model_str(m, text);
			ret = 0;
		}
		free(text);
	}
	H5Tclose(type);
	H5Dclose(dataset);
	return ret;
}

static int read_card(struct container_source *s, struct model *m)
{
	if (!h5_exists(s->file, "card"))
		return 0;
	hid_t card = H5Gopen2(s->file, "card", H5P_DEFAULT);
	if (card < 0)
		return err_set(s->err, "%s: card: not a group", s->path);
	for (size_t i = 0; i < N_CARD_TEXTS; i++) {
		char *text = container_text(card, container_card_names[i]);

		if (text && utf8_valid(text, strlen(text)))
			*container_card_text(&m->card, i) = model_str(m, text);
		free(text);
	}
	H5Gclose(card);
	return read_trained_on(s, m);
}

static int read_cl_ids(struct container_source *s, struct model *m)
{
	hsize_t dims[2];

	if (!h5_exists(s->file, "cl_id"))
		return 0;
	hid_t dataset = container_open(s, "cl_id", 1, dims);
	if (dataset < 0)
		return -1;
	int ret = -1;
	if (dims[0] != m->n_classes) {
		err_set(s->err, "%s: cl_id: %llu ids for %zu classes", s->path,
			(unsigned long long)dims[0], m->n_classes);
	} else {
		MEM_ZERO(m->cl_ids, m->n_classes);
		ret = container_read_names(s, dataset, "cl_id", m, m->cl_ids, m->n_classes);
	}
	H5Dclose(dataset);
	return ret;
}

/* How sure calls have to be of shallow cells: left out of models that were not trained here. */
static int read_depth(struct container_source *s, struct model *m)
{
	hsize_t dims[2];
	hid_t counts;

	if (!h5_exists(s->file, "depth"))
		return 0;
	counts = container_open(s, "depth/counts", 1, dims);
	if (counts < 0)
		return -1;
	if (container_check_stored(s, counts, "depth/counts", dims[0], 1, sizeof(double))) {
		H5Dclose(counts);
		return -1;
	}
	H5Dclose(counts);
	m->depth = depth_needs_new(dims[0]);
	if (container_read_numbers(s, "depth/counts", 0, dims[0], m->depth->counts) ||
	    container_read_numbers(s, "depth/confidence", 0, dims[0], m->depth->confidence))
		return -1;
	if (h5_exists(s->file, "depth/novelty")) {
		MEM_ZERO(m->depth->novelty, dims[0]);
		if (container_read_numbers(s, "depth/novelty", 0, dims[0], m->depth->novelty))
			return -1;
	}
	if (!depth_needs_valid(m->depth))
		return err_set(s->err, "%s: depth: counts that do not rise, or no shares", s->path);
	return 0;
}

static int read_left_out(struct container_source *s, struct model *m)
{
	hsize_t dims[2];
	hid_t names;
	int ret = -1;

	if (!h5_exists(s->file, "left_out"))
		return 0;
	names = container_open(s, "left_out/classes", 1, dims);
	if (names < 0)
		return -1;
	if (!container_check_stored(s, names, "left_out/classes", dims[0], 1, 1)) {
		m->left_out = left_out_new(dims[0]);
		ret = container_read_names(s, names, "left_out/classes", m, m->left_out->names,
					   dims[0]);
	}
	H5Dclose(names);
	return ret ? -1
		   : container_read_numbers(s, "left_out/cells", 0, dims[0], m->left_out->n_cells);
}

static int check_format(struct container_source *s)
{
	char *format = container_text(s->file, "format");
	double version;
	int ret = -1;

	if (!format || !str_eq(format, CONTAINER_FORMAT))
		err_set(s->err, "%s: an HDF5 file, but not a model (made by lr-train or lr-model)",
			s->path);
	else if (!container_read_number(s, "format_version", &version)) {
		if (version != CONTAINER_VERSION)
			err_set(s->err, "%s: model format %g: this program reads %d", s->path,
				version, CONTAINER_VERSION);
		else
			ret = 0;
	}
	free(format);
	return ret;
}

/* What this program knows of a file; newer ones may write more. */
static const char *const parts[] = {"classes", "genes",     "coef",   "intercept",   "mean",
				    "scale",   "card",      "cl_id",  "depth",       "left_out",
				    "factors", "landmarks", "levels", "calibration", NULL};

/* A part that is not known is passed over: not silently. */
static herr_t notice_part(hid_t file UNUSED, const char *name, const H5L_info_t *info UNUSED,
			  void *source)
{
	const struct container_source *s = source;
	size_t i = 0;

	while (parts[i] && !str_eq(parts[i], name))
		i++;
	if (!parts[i])
		notice_add("%s: has a part \"%.60s\" that this program does not know (of a newer "
			   "one?): passed over",
			   s->path, name);
	return 0;
}

/* Everything after the shapes are known. */
static int read_contents(struct container_source *s, struct model *m, hid_t classes, hid_t genes)
{
	if (container_read_names(s, classes, "classes", m, m->classes, m->n_classes) ||
	    container_read_names(s, genes, "genes", m, m->genes, m->n_genes) ||
	    container_read_numbers(s, "coef", m->n_rows, m->n_genes, m->coef) ||
	    container_read_numbers(s, "intercept", 0, m->n_rows, m->intercept) ||
	    container_read_numbers(s, "mean", 0, m->n_genes, m->mean) ||
	    container_read_numbers(s, "scale", 0, m->n_genes, m->scale))
		return -1;
	if (read_settings(s, m) || read_card(s, m) || read_cl_ids(s, m) || read_depth(s, m) ||
	    read_left_out(s, m))
		return -1;
	return container_read_annex(s, m);
}

static struct model *read_model(struct container_source *s)
{
	hsize_t n_classes[2], n_genes[2], shape[2];
	hid_t classes = container_open(s, "classes", 1, n_classes);
	hid_t genes = container_open(s, "genes", 1, n_genes);
	hid_t coef = container_open(s, "coef", 2, shape);
	struct model *m = NULL;

	if (classes < 0 || genes < 0 || coef < 0)
		goto close_datasets;
	if (container_check_stored(s, classes, "classes", n_classes[0], 1, 1) ||
	    container_check_stored(s, genes, "genes", n_genes[0], 1, 1) ||
	    container_check_stored(s, coef, "coef", shape[0], shape[1], 8))
		goto close_datasets;
	m = model_new(n_classes[0], shape[0], n_genes[0]);
	if (read_contents(s, m, classes, genes)) {
		model_free(m);
		m = NULL;
	}
close_datasets:
	if (coef >= 0)
		H5Dclose(coef);
	if (genes >= 0)
		H5Dclose(genes);
	if (classes >= 0)
		H5Dclose(classes);
	return m;
}

struct model *container_read(const char *path, struct err *err)
{
	h5_start();
	struct container_source s = {.path = path, .err = err};
	struct model *m = NULL;

	hid_t access = h5_access();
	s.file = H5Fopen(path, H5F_ACC_RDONLY, access);
	h5_close(access);
	if (s.file < 0)
		return err_null(err, "%s: not a whole HDF5 file", path);
	crash_name(path);
	if (!survey(s.file, path, err) && !check_format(&s))
		m = read_model(&s);
	if (m && H5Literate(s.file, H5_INDEX_NAME, H5_ITER_INC, NULL, notice_part, &s) < 0)
		notice_add("%s: its parts cannot be listed", path);
	H5Fclose(s.file);
	crash_unname(path);
	return m;
}
