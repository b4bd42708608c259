/* unpack.c - see unpack.h. */
#include "base/util.h"

#include <bzlib.h>
#include <errno.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "import/rds/unpack.h"

enum { INPUT_SIZE = 1 << 16 };

/* The largest dictionary R writes is 64 MiB (xz -9); a hostile header may ask for 4 GiB. */
static const uint64_t xz_memory = 256u << 20;

struct packing {
	const char *name;
	int (*start)(struct unpack *u, struct err *err);
	int (*step)(struct unpack *u, struct err *err); /* 1: the stream has ended */
	void (*stop)(struct unpack *u);
};

struct unpack {
	const struct packing *packing;
	const char *path;
	int fd;
	bool started, done;
	bool input_ended;
	uint64_t taken;
	unsigned char *in; /* INPUT_SIZE */
	size_t in_at, in_len;
	unsigned char *out;
	size_t out_len;
	z_stream gzip;
	bz_stream bzip2;
	lzma_stream xz;
};

static int read_input(struct unpack *u, struct err *err)
{
	if (u->in_at < u->in_len || u->input_ended)
		return 0;
	ssize_t got;
	do
		got = read(u->fd, u->in, INPUT_SIZE);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, "%s: cannot be read", u->path);
	u->input_ended = got == 0;
	u->in_at = 0;
	u->in_len = (size_t)got;
	u->taken += (size_t)got;
	return 0;
}

static void advance(struct unpack *u, size_t in_left, size_t out_left)
{
	u->in_at = u->in_len - in_left;
	u->out += u->out_len - out_left;
	u->out_len = out_left;
}

static int damaged(const struct unpack *u, const char *why, struct err *err)
{
	return err_set(err, "%s: damaged %s data near byte %llu: %s (fetch or save it again)",
		       u->path, u->packing->name, (unsigned long long)u->taken, why);
}

static int plain_start(struct unpack *u, struct err *err)
{
	(void)u, (void)err;
	return 0;
}

static int plain_step(struct unpack *u, struct err *err)
{
	(void)err;
	size_t n = MIN(u->out_len, u->in_len - u->in_at);
	memcpy(u->out, u->in + u->in_at, n);
	advance(u, u->in_len - u->in_at - n, u->out_len - n);
	return u->input_ended;
}

static void plain_stop(struct unpack *u)
{
	(void)u;
}

static int gzip_start(struct unpack *u, struct err *err)
{
	if (inflateInit2(&u->gzip, 15 + 16) != Z_OK)
		return err_set(err, "%s: zlib does not start", u->path);
	return 0;
}

/* Another gzip member may follow; anything else after a member is padding. */
static int gzip_member_end(struct unpack *u, struct err *err)
{
	if (read_input(u, err))
		return -1;
	if (u->in_at == u->in_len || u->in[u->in_at] != 0x1f)
		return 1;
	inflateReset(&u->gzip);
	return 0;
}

static int gzip_step(struct unpack *u, struct err *err)
{
	z_stream *z = &u->gzip;
	z->next_in = u->in + u->in_at;
	z->avail_in = (uInt)(u->in_len - u->in_at);
	z->next_out = u->out;
	z->avail_out = (uInt)u->out_len;
	int status = inflate(z, Z_NO_FLUSH);
	advance(u, z->avail_in, z->avail_out);
	if (status == Z_STREAM_END)
		return gzip_member_end(u, err);
	if (status != Z_OK && status != Z_BUF_ERROR)
		return damaged(u, z->msg ? z->msg : "unknown fault", err);
	return 0;
}

static void gzip_stop(struct unpack *u)
{
	inflateEnd(&u->gzip);
}

static int bzip2_start(struct unpack *u, struct err *err)
{
	memset(&u->bzip2, 0, sizeof(u->bzip2));
	if (BZ2_bzDecompressInit(&u->bzip2, 0, 0) != BZ_OK)
		return err_set(err, "%s: libbz2 does not start", u->path);
	return 0;
}

static int bzip2_step(struct unpack *u, struct err *err)
{
	bz_stream *z = &u->bzip2;
	z->next_in = (char *)u->in + u->in_at;
	z->avail_in = (unsigned)(u->in_len - u->in_at);
	z->next_out = (char *)u->out;
	z->avail_out = (unsigned)u->out_len;
	int status = BZ2_bzDecompress(z);
	advance(u, z->avail_in, z->avail_out);
	if (status == BZ_OK)
		return 0;
	if (status != BZ_STREAM_END)
		return damaged(u, "its checksum or structure is wrong", err);
	if (read_input(u, err))
		return -1;
	if (u->in_at == u->in_len || u->in[u->in_at] != 'B')
		return 1;
	BZ2_bzDecompressEnd(z);
	return bzip2_start(u, err);
}

static void bzip2_stop(struct unpack *u)
{
	BZ2_bzDecompressEnd(&u->bzip2);
}

static int xz_start(struct unpack *u, struct err *err)
{
	u->xz = (lzma_stream)LZMA_STREAM_INIT;
	if (lzma_auto_decoder(&u->xz, xz_memory, LZMA_CONCATENATED) != LZMA_OK)
		return err_set(err, "%s: liblzma does not start", u->path);
	return 0;
}

static int xz_step(struct unpack *u, struct err *err)
{
	lzma_stream *z = &u->xz;
	z->next_in = u->in + u->in_at;
	z->avail_in = u->in_len - u->in_at;
	z->next_out = u->out;
	z->avail_out = u->out_len;
	lzma_ret status = lzma_code(z, u->input_ended ? LZMA_FINISH : LZMA_RUN);
	advance(u, z->avail_in, z->avail_out);
	if (status == LZMA_OK || status == LZMA_BUF_ERROR)
		return 0;
	if (status == LZMA_STREAM_END)
		return 1;
	if (status == LZMA_MEMLIMIT_ERROR)
		return damaged(u, "it asks for a dictionary of more than 256 MiB", err);
	return damaged(u, "its checksum or structure is wrong", err);
}

static void xz_stop(struct unpack *u)
{
	lzma_end(&u->xz);
}

static const struct packing plain = {"none", plain_start, plain_step, plain_stop};
static const struct packing gzip = {"gzip", gzip_start, gzip_step, gzip_stop};
static const struct packing bzip2 = {"bzip2", bzip2_start, bzip2_step, bzip2_stop};
static const struct packing xz = {"xz", xz_start, xz_step, xz_stop};

struct magic {
	const char *bytes;
	size_t len;
	const struct packing *packing;
	const char *instead; /* what the file is when it is no RDS file */
};

#define MAGIC(bytes, packing, instead)                     \
	{                                                  \
		bytes, sizeof(bytes) - 1, packing, instead \
	}
#define WORKSPACE                                                   \
	"an R workspace (RData) of named objects, not an RDS file " \
	"(in R: load() it, then saveRDS() the one object)"

static const struct magic magics[] = {
	MAGIC("\x1f\x8b", &gzip, NULL),
	MAGIC("BZh", &bzip2, NULL),
	MAGIC("\xfd"
	      "7zXZ",
	      &xz, NULL),
	MAGIC("\x5d\0\0", &xz, NULL),
	MAGIC("X\n", &plain, NULL),
	MAGIC("A\n", &plain, NULL),
	MAGIC("B\n", &plain, NULL),
	MAGIC("RDX", NULL, WORKSPACE),
	MAGIC("RDA", NULL, WORKSPACE),
	MAGIC("RDB", NULL, WORKSPACE),
	MAGIC("\x28\xb5\x2f\xfd", NULL, "packed with zstd (unpack it first: zstd -d)"),
	MAGIC("\x0b\x0e\x0a", NULL, "a qs file (in R: qs::qread() it, then saveRDS())"),
	MAGIC("\x89HDF", NULL, "an HDF5 file, not an RDS file (h5-info tells what is in it)"),
	MAGIC("PK\x03\x04", NULL, "a zip archive (unpack it first)"),
	MAGIC("<", NULL, "a web page or XML, not an RDS file (was the download refused?)"),
	MAGIC("version https://git-lfs", NULL, "a Git LFS pointer, not the file (git lfs pull)"),
};

static const struct magic *find_magic(const unsigned char *head, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(magics); i++)
		if (len >= magics[i].len && !memcmp(head, magics[i].bytes, magics[i].len))
			return &magics[i];
	return NULL;
}

static const struct packing *detect(const unsigned char *head, size_t len, const char *path,
				    struct err *err)
{
	if (!len)
		return err_null(err, "%s: empty, not an RDS file", path);
	const struct magic *m = find_magic(head, len);
	if (!m)
		return err_null(err, "%s: not an RDS file (it does not begin as one)", path);
	if (!m->packing)
		return err_null(err, "%s: this is %s", path, m->instead);
	return m->packing;
}

struct unpack *unpack_new(int fd, const char *path, struct err *err)
{
	struct unpack *u;
	MEM_ZERO(u, 1);
	u->fd = fd;
	u->path = path;
	MEM_ARRAY(u->in, INPUT_SIZE);
	if (read_input(u, err))
		goto fail;
	u->packing = detect(u->in, u->in_len, path, err);
	if (!u->packing || u->packing->start(u, err))
		goto fail;
	u->started = true;
	return u;
fail:
	unpack_free(u);
	return NULL;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	if (u->started)
		u->packing->stop(u);
	if (u->fd > STDIN_FILENO)
		close(u->fd);
	free(u->in);
	free(u);
}

const char *unpack_packing(const struct unpack *u)
{
	return u->packing->name;
}

uint64_t unpack_taken(const struct unpack *u)
{
	return u->taken;
}

int unpack_some(struct unpack *u, unsigned char *out, size_t room, size_t *made, struct err *err)
{
	u->out = out;
	u->out_len = room;
	while (u->out_len && !u->done) {
		if (read_input(u, err))
			return -1;
		size_t before = u->out_len;
		int status = u->packing->step(u, err);
		if (status < 0)
			return -1;
		u->done = status > 0;
		if (!u->done && u->input_ended && u->in_at == u->in_len && u->out_len == before)
			return err_set(err,
				       "%s: cut short: its %s data breaks off at byte %llu "
				       "(fetch or save it again)",
				       u->path, u->packing->name, (unsigned long long)u->taken);
	}
	*made = room - u->out_len;
	return 0;
}
