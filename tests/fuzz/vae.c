/* vae - damaged models of scvi-tools: zip archives, pickles inside them, tensors.
 *
 *	vae CASES SEED FILE.pt...
 *
 * Bytes changed anywhere, or inside the pickle with the checksum put right, words set to what breaks
 * readers, the end cut off. A case is fine when the model is read and can be computed with, or when
 * there is one line of an error. Anything else stops this program.
 */
#include "base/util.h"

#include <math.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"
#include "spoil.h"
#include "vae/net/vae_step.h"
#include "vae/scvi/scvi_model.h"

static void damage(unsigned char *at, size_t n, struct rng *rng)
{
	static const unsigned char words[][4] = {
		{255, 255, 255, 255}, {0, 0, 0, 0}, {255, 255, 255, 127}, {0, 0, 0, 128}};
	size_t where = rng_below(rng, n), times = 1 + rng_below(rng, 3);

	for (size_t i = 0; i < times; i++) {
		if (rng_below(rng, 3) == 0 && where + 4 <= n)
			memcpy(at + where, words[rng_below(rng, ARRAY_LEN(words))], 4);
		else
			at[where] = (unsigned char)rng_below(rng, 256);
		where = MIN(where + rng_below(rng, 16), n - 1);
	}
}

/* The pickle's bytes in the archive, and where its checksums stand in local and central header. */
static bool find_pickle(const struct bytes *b, size_t *from, size_t *n, size_t *central)
{
	for (size_t i = b->n - 46; i-- > 0;) {
		uint32_t size, header;
		uint16_t name, extra;

		if (memcmp(b->at + i, "PK\1\2", 4) != 0)
			continue;
		memcpy(&name, b->at + i + 28, 2);
		if (name < 8 || memcmp(b->at + i + 46 + name - 8, "data.pkl", 8) != 0)
			continue;
		memcpy(&size, b->at + i + 24, 4);
		memcpy(&header, b->at + i + 42, 4);
		memcpy(&name, b->at + header + 26, 2);
		memcpy(&extra, b->at + header + 28, 2);
		*from = header + 30u + name + extra;
		*n = size;
		*central = i + 16;
		return true;
	}
	return false;
}

/* Damage the pickle and put the checksum right, so that the machine gets to see it. */
static void damage_pickle(struct bytes *b, struct rng *rng)
{
	size_t from, n, central;
	uint32_t checksum;

	if (!find_pickle(b, &from, &n, &central))
		exit(2);
	damage(b->at + from, n, rng);
	checksum = (uint32_t)crc32_z(0, b->at + from, n);
	memcpy(b->at + central, &checksum, 4);
}

/* A model that was read can place a cell. */
static bool works(struct vae *v, struct pool *pool)
{
	static const size_t starts[2] = {0, 1};
	static const uint32_t zero = 0;
	static const real one = 1;
	static const uint64_t number = 0;
	struct vae_cells cell = {.n = 1,
				 .counts = {1, NULL, starts, &zero, &one},
				 .input = &one,
				 .library = &one,
				 .batch = &zero,
				 .number = &number};
	struct vae_work *w = vae_work_new(v, pool);
	const real *mean, *variance;

	vae_encode(w, &cell, NULL, &mean, &variance);
	vae_work_free(w);
	return v->genes.n == v->recipe.n_genes && v->batches.n == v->recipe.n_batches;
}

static bool try_one(const char *path, struct pool *pool, size_t *n_read)
{
	struct err err = ERR_INIT;
	struct vae *v = scvi_read(path, &err);
	bool fine = v ? works(v, pool) : err_is_set(&err) && !strchr(err.text, '\n');

	*n_read += v != NULL;
	vae_free(v);
	return fine;
}

int main(int argc, char **argv)
{
	size_t cases, n_read = 0;
	uint64_t seed;
	char path[] = "/tmp/fuzz-vae-XXXXXX";
	int fd = mkstemp(path);
	struct pool *pool = pool_new(1);
	struct rng rng;

	if (argc < 4 || fd < 0 || !parse_size(argv[1], 1, SIZE_MAX, &cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed))
		return 2;
	rng = rng_seeded(seed);
	for (size_t i = 0; i < cases; i++) {
		struct bytes b = read_file(argv[3 + rng_below(&rng, (size_t)argc - 3)]);
		size_t kind = rng_below(&rng, 8);

		if (kind < 5)
			damage_pickle(&b, &rng);
		else if (kind < 7)
			damage(b.at, b.n, &rng);
		else
			b.n = rng_below(&rng, b.n);
		if (ftruncate(fd, 0) || pwrite(fd, b.at, b.n, 0) != (ssize_t)b.n)
			return 2;
		free(b.at);
		if (!try_one(path, pool, &n_read)) {
			fprintf(stderr, "vae: case %zu of seed %s: see %s\n", i, argv[2], path);
			return 1;
		}
	}
	printf("vae: %zu cases, %zu read, the rest refused\n", cases, n_read);
	pool_free(pool);
	close(fd);
	unlink(path);
	return 0;
}
