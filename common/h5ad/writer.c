/* writer.c - the life of a file being written, and small things to put into it. */
#include "base/util.h"

#include "h5ad/h5ad_private.h"
#include "h5ad/writer_private.h"

/* Large blocks begin with a page, so that they can go straight to the disk. */
#define ALIGNED_BYTES ((hsize_t)1 << 20)
#define ALIGNMENT 4096

/* What every AnnData has, empty if need be. */
static const char *const groups[] = {"layers", "obsm", "obsp", "uns", "varm", "varp"};

static hid_t create_file(const char *path, const char *target, struct err *err)
{
	hid_t access = h5_access();

	H5Pset_alignment(access, ALIGNED_BYTES, ALIGNMENT);
	hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
	if (file < 0)
		h5_failed(err, "%s: cannot be made", target);
	H5Pclose(access);
	return file;
}

struct writer *writer_open(const char *path, const char *compression, struct pool *pool,
			   struct err *err)
{
	struct writer *w = mem_zero(1, sizeof(*w));

	w->file = H5I_INVALID_HID;
	w->pool = pool;
	w->target = path;
	w->narrow_max = INT32_MAX;
	h5_start();
	if (encoding_parse(compression, &w->encoding, err))
		goto failed;
	w->out = outfile_open_binary(path, err);
	if (!w->out)
		goto failed;
	w->target = outfile_target(w->out);
	w->file = create_file(outfile_path(w->out), w->target, err);
	if (w->file < 0)
		goto failed;
	w->behind = behind_new(outfile_path(w->out), SERIES_CHUNK_BYTES, outfile_is_lasting(w->out),
			       err);
	outfile_opened(w->out);
	w->queue = w->behind ? series_queue_new(&w->encoding, pool, w->behind) : NULL;
	if (!w->queue || put_encoding(w->file, "anndata", "0.1.0", err)) {
		writer_failed(w, err);
		goto failed;
	}
	return w;
failed:
	writer_abort(w);
	return NULL;
}

/* Everything but the file itself. */
static void release(struct writer *w)
{
	csr_writing_release(&w->matrix);
	series_queue_free(w->queue);
	behind_free(w->behind);
	names_release(&w->left_out);
	free(w);
}

int writer_finish(struct writer *w, struct err *err)
{
	struct outfile *out = w->out;
	hid_t file = w->file;

	if (w->matrix.out)
		BUG("writer_finish inside the matrix '%s'", w->matrix.path);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (put_dict(file, groups[i], err)) {
			writer_failed(w, err);
			writer_abort(w);
			return -1;
		}
	}
	if (behind_drain(w->behind, err)) {
		writer_failed(w, err);
		writer_abort(w);
		return -1;
	}
	w->file = H5I_INVALID_HID;
	if (H5Fclose(file) < 0) {
		h5_failed(err, "%s: cannot be completed", w->target);
		writer_abort(w);
		return -1;
	}
	release(w);
	return outfile_commit(out, err);
}

void writer_abort(struct writer *w)
{
	if (!w)
		return;
	struct outfile *out = w->out;
	hid_t file = w->file;
	release(w);
	if (file >= 0)
		H5Fclose(file);
	H5Eclear2(H5E_DEFAULT);
	outfile_abort(out);
}

int writer_dense(struct writer *w, const char *where, const float *values, size_t n_rows,
		 size_t n_columns, struct err *err)
{
	const hsize_t dims[2] = {n_rows, n_columns};

	if (writer_place(w, where, err) ||
	    put_array(w->file, where, H5T_IEEE_F32LE, 2, dims, values, &w->encoding, err))
		return writer_failed(w, err);
	return 0;
}

/* Rows from their source to the file, batch by batch. */
static int put_all(struct put_rows *p, size_t n_rows, writer_rows *rows, void *arg, struct err *err)
{
	for (size_t row = 0; row < n_rows; row += p->batch) {
		size_t n = MIN(p->batch, n_rows - row);
		const float *values = rows(arg, row, n, err);

		if (!values || put_rows_add(p, values, n, err))
			return -1;
	}
	return put_rows_end(p, "array", err);
}

int writer_dense_of(struct writer *w, const char *where, size_t n_rows, size_t n_columns,
		    writer_rows *rows, void *arg, struct err *err)
{
	const hsize_t dims[2] = {n_rows, n_columns};
	struct put_rows p;

	if (writer_place(w, where, err) ||
	    put_rows_start(&p, w->file, where, H5T_IEEE_F32LE, 2, dims, &w->encoding, err))
		return writer_failed(w, err);
	if (put_all(&p, n_columns ? n_rows : 0, rows, arg, err)) {
		put_rows_release(&p);
		return writer_failed(w, err);
	}
	return 0;
}

int writer_doubles(struct writer *w, const char *where, const double *values, size_t n_rows,
		   size_t n_columns, struct err *err)
{
	const hsize_t dims[2] = {n_rows, n_columns};

	if (writer_place(w, where, err) ||
	    put_array(w->file, where, H5T_IEEE_F64LE, n_columns ? 2 : 1, dims, values, &w->encoding,
		      err))
		return writer_failed(w, err);
	return 0;
}

int writer_text(struct writer *w, const char *where, const char *value, struct err *err)
{
	if (writer_place(w, where, err) || put_text(w->file, where, value, err))
		return writer_failed(w, err);
	return 0;
}

int writer_dict(struct writer *w, const char *where, struct err *err)
{
	if (writer_place(w, where, err) || put_dict(w->file, where, err))
		return writer_failed(w, err);
	return 0;
}

int writer_number(struct writer *w, const char *where, double value, bool integer, struct err *err)
{
	const int64_t whole = integer ? (int64_t)value : 0;
	hid_t type = integer ? H5T_STD_I64LE : H5T_IEEE_F64LE;
	const void *bytes = integer ? (const void *)&whole : (const void *)&value;

	if (writer_place(w, where, err) || put_number(w->file, where, type, bytes, err))
		return writer_failed(w, err);
	return 0;
}
