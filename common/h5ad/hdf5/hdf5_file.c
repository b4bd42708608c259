/* hdf5_file.c - a file, from its name to something HDF5 has open. */
#include "base/util.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/outfile.h"
#include "base/unpacked.h"
#include "h5ad/hdf5/hdf5.h"

/* ---- from a name to something HDF5 can seek in -------------------------------------------- */

/* What HDF5 is to open. */
struct source_file {
	int fd;
	char *name;
	bool spooled; /* 'name' is to be taken away once it is open */
};

static void source_close(struct source_file *s)
{
	if (s->spooled)
		scratch_unname(s->name);
	else
		free(s->name);
	if (s->fd >= 0)
		close(s->fd);
}

/* Say what the file is when it is not HDF5. Its superblock may stand at 0, 512, 1024, ... */
static int check_signature(int fd, const char *path, struct err *err)
{
	static const unsigned char signature[8] = "\211HDF\r\n\032\n";
	unsigned char bytes[8] = {0};
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(err, "%s", path);
	if (st.st_size == 0)
		return err_set(err, "%s: the file is empty", path);
	for (off_t at = 0; at + 8 <= st.st_size; at = at ? at * 2 : 512) {
		if (read_at(fd, bytes, 8, (uint64_t)at) < 0)
			return err_errno(err, "%s", path);
		if (memcmp(bytes, signature, 8) == 0)
			return 0;
	}
	if (pread(fd, bytes, 8, 0) >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
		return err_set(err, "%s: is compressed with gzip twice (gunzip it first)", path);
	if (bytes[0] == 'P' && bytes[1] == 'K')
		return err_set(err, "%s: is a zip archive, not an h5ad file (unzip it first)",
			       path);
	return err_set(err,
		       "%s: is not an h5ad file, for it is not HDF5 (h5-import reads tables, mtx, "
		       "10x and loom, rds-import RDS)",
		       path);
}

/* Open for reading; what HDF5 cannot seek in is copied, unpacked if it is packed. Call source_close in any case. */
static int source_open(struct source_file *s, const char *path, bool is_stdin, struct err *err)
{
	int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			  : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	*s = (struct source_file){.fd = fd};
	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, "%s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(err,
			       "%s: is a folder, not an h5ad file (h5-import reads 10x's and "
			       "spatial ones)",
			       path);
	if (is_stdin && isatty(fd))
		return err_set(err, "stdin is a terminal, and an h5ad file is binary (give a "
				    "file, or a pipe)");
	if (!S_ISREG(st.st_mode) || is_gzip(fd)) {
		s->spooled = true;
		s->fd = unpacked_copy(fd, path, &s->name, err);
		if (s->fd < 0)
			return -1;
	} else {
		s->name = is_stdin ? mem_printf("/proc/self/fd/%d", fd) : mem_str(path);
	}
	return check_signature(s->fd, path, err);
}

/* ---- opening ------------------------------------------------------------------------------ */

static hid_t open_hdf5(const char *path, const char *hdf5_path, struct err *err)
{
	hid_t access = h5_access();
	char reason[200];

	hid_t file = H5Fopen(hdf5_path, H5F_ACC_RDONLY, access);
	h5_close(access);
	if (file >= 0)
		return file;
	h5_reason(reason, sizeof(reason));
	if (strstr(reason, "lock file"))
		err_set(err, "%s: another program is writing it (%s)", path, reason);
	else
		err_set(err, "%s: the file is truncated or damaged%s%s%s", path,
			*reason ? " (" : "", reason, *reason ? ")" : "");
	return H5I_INVALID_HID;
}

static int read_size(struct h5_file *f, struct err *err)
{
	hsize_t n_bytes = 0;

	if (H5Fget_filesize(f->file, &n_bytes) < 0)
		return err_set(err, "%s: its size cannot be read", f->path);
	f->n_bytes = n_bytes;
	return 0;
}

/* A way to open a file, to be tried by a child first. */
struct opening {
	struct h5_file *f;
	const char *hdf5_path;
	h5_look *look;
	void *arg;
};

static int open_plainly(const struct opening *o, bool whole, struct err *err)
{
	struct h5_file *f = o->f;

	crash_name(f->path);
	f->file = open_hdf5(f->path, o->hdf5_path, err);
	if (f->file < 0 || (whole && survey(f->file, f->path, err)) || read_size(f, err))
		return -1;
	return o->look ? o->look(o->arg, err) : 0;
}

static int try_opening(void *arg, struct err *err)
{
	return open_plainly(arg, true, err);
}

int h5_file_open(struct h5_file *f, const char *path, h5_look *look, void *arg, struct err *err)
{
	bool is_stdin = str_eq(path, "-");
	struct source_file source;
	struct opening o = {.f = f, .look = look, .arg = arg};
	int ret = -1;

	*f = (struct h5_file){.path = mem_str(is_stdin ? "stdin" : path), .file = H5I_INVALID_HID};
	h5_start();
	if (!source_open(&source, f->path, is_stdin, err)) {
		o.hdf5_path = source.name;
		ret = probe(f->path, source.fd, try_opening, &o, err);
		if (!ret)
			ret = open_plainly(&o, false, err);
	}
	source_close(&source);
	return ret;
}

void h5_file_close(struct h5_file *f)
{
	if (!f->path)
		return;
	h5_close(f->file);
	crash_unname(f->path);
	arena_release(&f->arena);
	free(f->path);
	*f = (struct h5_file){.file = H5I_INVALID_HID};
}

struct h5_file *h5_file_new(const char *path, struct err *err)
{
	struct h5_file *f = mem_zero(1, sizeof(*f));

	if (!h5_file_open(f, path, NULL, NULL, err))
		return f;
	h5_file_free(f);
	return NULL;
}

void h5_file_free(struct h5_file *f)
{
	if (!f)
		return;
	h5_file_close(f);
	free(f);
}
