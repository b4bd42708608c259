/* open.c - opening and closing a file, and what it is. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/outfile.h"
#include "h5ad/h5ad_private.h"

/* ---- from a name to something HDF5 can seek in -------------------------------------------- */

static int spool_bytes(int from, int to, const char *path, struct err *err)
{
	size_t size = (size_t)1 << 20;
	char *bytes = mem_alloc(size, 1);
	ssize_t got;
	int ret = 0;

	while (!ret && (got = read(from, bytes, size)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			ret = err_errno(err, "%s", path);
		else if (write_all(to, bytes, (size_t)got))
			ret = err_errno(err, "%s: no room for a temporary copy (set TMPDIR)", path);
	}
	free(bytes);
	return ret;
}

/* What HDF5 is to open. */
struct source_file {
	int fd;
	char *name;
	bool spooled; /* 'name' is to be taken away once it is open */
};

static int spool(struct source_file *s, int from, const char *path, struct err *err)
{
	s->fd = scratch_named(NULL, &s->name, err);
	if (s->fd < 0)
		return -1;
	s->spooled = true;
	return spool_bytes(from, s->fd, path, err);
}

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
	for (off_t at = 0; at + 8 <= st.st_size; at = at ? at * 2 : 512)
		if (pread(fd, bytes, 8, at) == 8 && memcmp(bytes, signature, 8) == 0)
			return 0;
	if (pread(fd, bytes, 8, 0) >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
		return err_set(err, "%s: is compressed with gzip (gunzip it first)", path);
	if (bytes[0] == 'P' && bytes[1] == 'K')
		return err_set(err, "%s: is a zip archive, not an h5ad file", path);
	return err_set(err, "%s: is not an h5ad file (it is not HDF5)", path);
}

/* Open for reading; what HDF5 cannot seek in is spooled. Call source_close in any case. */
static int source_open(struct source_file *s, const char *path, bool is_stdin, struct err *err)
{
	int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			  : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int ret = 0;

	*s = (struct source_file){.fd = fd};
	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, "%s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(err, "%s: is a folder, not an h5ad file", path);
	if (is_stdin && isatty(fd))
		return err_set(err, "stdin is a terminal, and an h5ad file is binary (give a "
				    "file, or a pipe)");
	if (!S_ISREG(st.st_mode)) {
		ret = spool(s, fd, path, err);
		close(fd);
	} else {
		s->name = is_stdin ? mem_printf("/proc/self/fd/%d", fd) : mem_str(path);
	}
	return ret ? ret : check_signature(s->fd, path, err);
}

/* ---- the outline -------------------------------------------------------------------------- */

static hid_t open_hdf5(const char *path, const char *hdf5_path, struct err *err)
{
	hid_t access = h5_access();
	char reason[200];

	hid_t file = H5Fopen(hdf5_path, H5F_ACC_RDONLY, access);
	h5_close(access);
	if (file >= 0)
		return file;
	h5_reason(reason, sizeof(reason));
	if (strstr(reason, "lock"))
		err_set(err, "%s: another program is writing it (%s)", path, reason);
	else
		err_set(err, "%s: the file is truncated or damaged%s%s%s", path,
			*reason ? " (" : "", reason, *reason ? ")" : "");
	return H5I_INVALID_HID;
}

static int find_table(struct h5ad *f, const char *path, struct frame **frame, struct err *err)
{
	if (h5_exists(f->file, path))
		return (*frame = frame_of_file(f, path, err)) ? 0 : -1;
	if (h5_exists(f->file, "/matrix"))
		return err_set(err, "%s: is a 10x file, not an h5ad file (see h5-import)", f->path);
	return err_set(err, "%s: is not an h5ad file (it has no %s)", f->path, path + 1);
}

static int find_raw(struct h5ad *f, struct err *err)
{
	bool dotted = h5_exists(f->file, "/raw.X");

	if (!dotted && !h5_exists(f->file, "/raw/X"))
		return 0;
	f->raw_path = dotted ? "/raw.X" : "/raw/X";
	f->raw_var_path = dotted ? "/raw.var" : "/raw/var";
	f->raw_var = frame_of_file(f, f->raw_var_path, err);
	return f->raw_var ? 0 : -1;
}

/* 0.6 wrote obs as one compound dataset; 0.8 began to say what the file is. */
static const char *find_dialect(const struct h5ad *f)
{
	hid_t obs = H5Oopen(f->file, "/obs", H5P_DEFAULT);
	hid_t root = H5Oopen(f->file, "/", H5P_DEFAULT);
	const char *dialect = h5_is_dataset(obs)                             ? "0.6"
			      : h5_attr_is(root, "encoding-type", "anndata") ? "0.8+"
									     : "0.7";

	h5_close(obs);
	h5_close(root);
	return dialect;
}

static int read_outline(struct h5ad *f, struct err *err)
{
	if (find_table(f, "/obs", &f->obs, err) || find_table(f, "/var", &f->var, err) ||
	    find_raw(f, err) || find_slots(f, err) || find_members(f, err))
		return -1;
	f->dialect = find_dialect(f);
	return 0;
}

static int read_size(struct h5ad *f, struct err *err)
{
	hsize_t n_bytes = 0;

	if (H5Fget_filesize(f->file, &n_bytes) < 0)
		return err_set(err, "%s: its size cannot be read", f->path);
	f->n_bytes = n_bytes;
	return 0;
}

/* What opening a file does beside opening it. */
enum { READ_SURVEY = 1, READ_OUTLINE = 2 }; /* walk everything; find the parts of an h5ad */

static struct h5ad *open_plainly(const char *path, const char *hdf5_path, unsigned reads,
				 struct err *err)
{
	struct h5ad *f = mem_zero(1, sizeof(*f));

	f->path = mem_str(path);
	crash_name(f->path);
	f->file = open_hdf5(path, hdf5_path, err);
	if (f->file >= 0 && !(reads & READ_SURVEY && survey(f->file, path, err)) &&
	    !read_size(f, err) && !(reads & READ_OUTLINE && read_outline(f, err)))
		return f;
	h5ad_close(f);
	return NULL;
}

/* A way to open a file, to be tried by a child first. */
struct opening {
	const char *path, *hdf5_path;
	unsigned reads;
};

static int try_opening(void *arg, struct err *err)
{
	const struct opening *o = arg;

	return open_plainly(o->path, o->hdf5_path, READ_SURVEY | o->reads, err) ? 0 : -1;
}

static struct h5ad *open_probed(const char *path, unsigned reads, struct err *err)
{
	bool is_stdin = str_eq(path, "-");
	struct source_file source;
	struct h5ad *f = NULL;

	if (is_stdin)
		path = "stdin";
	h5_start();
	if (!source_open(&source, path, is_stdin, err) &&
	    !probe(path, try_opening, &(struct opening){path, source.name, reads}, err))
		f = open_plainly(path, source.name, reads, err);
	source_close(&source);
	return f;
}

struct h5ad *h5ad_open(const char *path, struct err *err)
{
	return open_probed(path, READ_OUTLINE, err);
}

struct h5ad *h5_open_other(const char *path, struct err *err)
{
	return open_probed(path, 0, err);
}

void h5ad_close(struct h5ad *f)
{
	if (!f)
		return;
	frame_free(f->obs);
	frame_free(f->var);
	frame_free(f->raw_var);
	h5_close(f->file);
	crash_unname(f->path);
	free(f->slots);
	arena_release(&f->arena);
	free(f->path);
	free(f);
}

/* ---- what it is --------------------------------------------------------------------------- */

const char *h5ad_path(const struct h5ad *f)
{
	return f->path;
}

const char *h5ad_dialect(const struct h5ad *f)
{
	return f->dialect;
}

size_t h5ad_n_cells(const struct h5ad *f)
{
	return f->obs->n_rows;
}

size_t h5ad_n_genes(const struct h5ad *f)
{
	return f->var->n_rows;
}

struct frame *h5ad_obs(struct h5ad *f, struct err *err UNUSED)
{
	return f->obs;
}

struct frame *h5ad_var(struct h5ad *f, struct err *err UNUSED)
{
	return f->var;
}

struct frame *h5ad_raw_var(struct h5ad *f, struct err *err)
{
	return f->raw_var ? f->raw_var : err_null(err, "%s: has no raw", f->path);
}
