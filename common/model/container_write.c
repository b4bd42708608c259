/* container_write.c - writing the model file; see container.h. */
#include "base/util.h"

#include <hdf5.h>

#include "h5ad/hdf5/create.h"
#include "h5ad/hdf5/own_file.h"
#include "model/container.h"
#include "model/container_private.h"

const char *const container_card_names[N_CARD_TEXTS] = {"name",    "source",  "url",
							"version", "details", "date"};

char **container_card_text(struct model_card *card, size_t i)
{
	char **const fields[] = {&card->name,    &card->source,  &card->url,
				 &card->version, &card->details, &card->date};

	return fields[i];
}

static bool write_doubles(hid_t at, const char *name, size_t n_rows, size_t n, const double *values)
{
	hsize_t dims[2] = {n_rows ? n_rows : n, n};

	return container_write_array(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, n_rows ? 2 : 1,
				     dims, values);
}

static bool write_attribute(hid_t at, const char *name, hid_t stored, hid_t memory,
			    const void *value)
{
	hid_t space = H5Screate(H5S_SCALAR);
	hid_t attr = H5Acreate2(at, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
	bool ok = attr >= 0 && H5Awrite(attr, memory, value) >= 0;

	if (attr >= 0)
		ok &= H5Aclose(attr) >= 0;
	H5Sclose(space);
	return ok;
}

static bool write_text(hid_t at, const char *name, const char *text)
{
	hid_t type = container_text_type(strlen(text));
	bool ok = write_attribute(at, name, type, type, text);

	H5Tclose(type);
	return ok;
}

static bool write_settings(hid_t file, const struct model *m)
{
	int32_t version = CONTAINER_VERSION, with_mean = m->with_mean;

	return write_text(file, "format", CONTAINER_FORMAT) &&
	       write_attribute(file, "format_version", H5T_STD_I32LE, H5T_NATIVE_INT32, &version) &&
	       write_text(file, "loss", model_loss_name(m->loss)) &&
	       write_attribute(file, "clip", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &m->clip) &&
	       write_attribute(file, "target_sum", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
			       &m->target_sum) &&
	       write_attribute(file, "with_mean", H5T_STD_I32LE, H5T_NATIVE_INT32, &with_mean);
}

static bool write_card(hid_t file, const struct model *m)
{
	struct model_card card = m->card;
	hid_t group = container_create_group(file, "card");
	bool ok = group >= 0;

	for (size_t i = 0; ok && i < N_CARD_TEXTS; i++)
		ok = write_text(group, container_card_names[i], *container_card_text(&card, i));
	if (ok && card.trained_on[0]) {
		hid_t type = container_text_type(strlen(card.trained_on));

		ok = container_write_array(group, "trained_on", type, type, 0, NULL,
					   card.trained_on);
		H5Tclose(type);
	}
	if (group >= 0)
		H5Gclose(group);
	return ok;
}

static bool write_depth(hid_t file, const struct depth_needs *d)
{
	hid_t group = container_create_group(file, "depth");
	bool ok = group >= 0 && write_doubles(group, "counts", 0, d->n, d->counts) &&
		  write_doubles(group, "confidence", 0, d->n, d->confidence) &&
		  (!d->novelty || write_doubles(group, "novelty", 0, d->n, d->novelty));

	if (group >= 0)
		H5Gclose(group);
	return ok;
}

static bool write_left_out(hid_t file, const struct left_out *l)
{
	hid_t group = container_create_group(file, "left_out");
	bool ok = group >= 0 && container_write_names(group, "classes", l->names, l->n) &&
		  write_doubles(group, "cells", 0, l->n, l->n_cells);

	if (group >= 0)
		H5Gclose(group);
	return ok;
}

static bool write_model(hid_t file, const struct model *m)
{
	return write_settings(file, m) &&
	       container_write_names(file, "classes", m->classes, m->n_classes) &&
	       container_write_names(file, "genes", m->genes, m->n_genes) &&
	       write_doubles(file, "coef", m->n_rows, m->n_genes, m->coef) &&
	       write_doubles(file, "intercept", 0, m->n_rows, m->intercept) &&
	       write_doubles(file, "mean", 0, m->n_genes, m->mean) &&
	       write_doubles(file, "scale", 0, m->n_genes, m->scale) &&
	       (!m->cl_ids || container_write_names(file, "cl_id", m->cl_ids, m->n_classes)) &&
	       (!m->depth || write_depth(file, m->depth)) &&
	       (!m->left_out || write_left_out(file, m->left_out)) && write_card(file, m) &&
	       container_write_annex(file, m);
}

/* HDF5 stores an attribute in one object header message. */
static int check_card(const struct model *m, const char *path, struct err *err)
{
	struct model_card card = m->card;

	for (size_t i = 0; i < N_CARD_TEXTS; i++) {
		if (strlen(*container_card_text(&card, i)) > 60000)
			return err_set(err, "%s: the card's %s is longer than 60,000 bytes", path,
				       container_card_names[i]);
	}
	return 0;
}

int container_write(const struct model *m, const char *path, struct err *err)
{
	struct own_file f;

	if (check_card(m, path, err) || own_file_create(&f, path, err))
		return -1;
	return own_file_commit(&f, write_model(f.file, m) ? 0 : h5_failed(err, "cannot be written"),
			       err);
}
