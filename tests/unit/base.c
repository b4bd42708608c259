/* base.c - the small things of common/base. */
#include "base/util.h"

#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "base/strtab.h"
#include "base/text.h"
#include "graph/twister.h"
#include "tap.h"

static void test_numbers(void)
{
	size_t n;
	int64_t i;
	double x;

	OK(parse_size("42", 0, 100, &n) && n == 42, "a whole number is read");
	OK(!parse_size("42x", 0, 100, &n), "a number with something behind it is not");
	OK(!parse_size("-1", 0, SIZE_MAX, &n), "a size is never negative");
	OK(!parse_size("101", 0, 100, &n), "a size has a range");
	OK(!parse_size("99999999999999999999999", 0, SIZE_MAX, &n), "overflow is no number");
	OK(parse_int("-7", -10, 10, &i) && i == -7, "an integer may be negative");
	OK(parse_double("1e-3", &x) && x == 1e-3, "a float is read");
	OK(!parse_double(" 1", &x) && !parse_double("1 ", &x), "no blanks around a float");
	OK(!parse_double("1e999", &x), "a float too large is refused");
	OK(parse_double("nan", &x) && isnan(x), "nan is spelled out");
	OK(parse_bytes("2G", &n) && n == (size_t)2 << 30, "2G is two gibibytes");
	OK(!parse_bytes("G", &n) && !parse_bytes("", &n), "a unit alone is no size");
}

static struct opts {
	struct opt_list colours;
	size_t n;
} o;

static void test_options(void)
{
	static const struct opt options[] = {OPT_LIST("colour", 'c', colours, "NAME", "a colour"),
					     OPT_SIZE("count", 'n', n, "N", "how many"), OPT_END};
	static const struct opt_usage usage = {.options = options, .max_inputs = 3};
	char *argv[] = {"tool", "a", "-c", "red", "-", "--colour=blue", "-n3", "--", "-c", NULL};
	struct inputs in = opt_parse(&usage, (int)ARRAY_LEN(argv) - 1, argv);

	OK(in.n == 3 && str_eq(in.paths[0], "a") && str_eq(in.paths[1], "-") &&
		   str_eq(in.paths[2], "-c"),
	   "inputs stand between options and behind --");
	OK(o.n == 3 && o.colours.n == 2 && str_eq(o.colours.items[0], "red") &&
		   str_eq(o.colours.items[1], "blue"),
	   "an option may be given again");
	opt_release();
	OK(!o.colours.items && o.colours.n == 0, "released: the lists are empty");
	in = opt_parse(&usage, 1, argv);
	OK(in.n == 0 && str_eq(in.paths[0], "-"), "no input means standard input");
	opt_release();
}

static void test_text(void)
{
	static const char *const names[] = {"cell_type", "donor", "tissue"};
	struct text t = TEXT_INIT;
	char out[32];

	text_add(&t, "%d", 12);
	text_add_char(&t, '!');
	OK(str_eq(t.s, "12!") && t.len == 3, "text grows");
	text_clear(&t);
	OK(str_eq(t.s, ""), "text clears");
	text_release(&t);
	OK(str_eq(format_count(out, 1234567), "1,234,567"), "counts have commas");
	OK(str_eq(format_count(out, 12), "12"), "small counts have none");
	OK(utf8_valid("\xc3\xa9t\xc3\xa9", 5), "UTF-8 is recognised");
	OK(!utf8_valid("\xc3", 1) && !utf8_valid("\xed\xa0\x80", 3) && !utf8_valid("\xc0\x80", 2),
	   "cut, surrogate and overlong forms are not");
	OK(str_eq(nearest_name("celltype", names, 3), "cell_type"), "a near name is found");
	OK(!nearest_name("batch", names, 3), "nothing is near batch");
}

static void test_err(void)
{
	struct err err = ERR_INIT;

	err_set(&err, "gene '%s' is \"%s\"", "a\nb\x1b[2J", "\xc3\xa9\t");
	OK(str_eq(err.text, "gene 'a?b?[2J' is \"\xc3\xa9\t\""),
	   "a message is one line, and commands no terminal: %s", err.text);
	err_prefix(&err, "x\ry");
	OK(str_starts(err.text, "x?y: gene"), "a prefix as well");
	err_clear(&err);
	err_set(&err, "a.h5ad: has no rows");
	err_prefix(&err, "a.h5");
	err_prefix(&err, "a.h5");
	OK(str_eq(err.text, "a.h5: a.h5ad: has no rows"), "but not twice: %s", err.text);
}

static void test_strtab(void)
{
	struct strtab t = {0};
	char name[32];
	bool good = true;

	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "gene%d", i);
		good &= strtab_add(&t, name) == (uint32_t)i;
	}
	OK(good && t.n == 5000, "strings are numbered as they come");
	OK(strtab_add(&t, "gene17") == 17 && t.n == 5000, "a known string keeps its number");
	OK(strtab_find(&t, "gene4999") == 4999, "a string is found");
	OK(strtab_find(&t, "gene5000") == STRTAB_NONE, "an unknown one is not");
	OK(strtab_find_n(&t, "gene17x", 6) == 17, "part of a string is found");
	strtab_release(&t);
	OK(strtab_find(&t, "gene1") == STRTAB_NONE, "an empty table holds nothing");
}

static void test_sha256(void)
{
	struct sha256 s;
	char hex[65];
	char *a = mem_alloc(1000000, 1);

	sha256_start(&s);
	sha256_add(&s, "abc", 3);
	sha256_hex(&s, hex);
	OK(str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
	   "FIPS 180-2's first example");
	memset(a, 'a', 1000000);
	sha256_start(&s);
	for (size_t at = 0, step = 1; at < 1000000; at += step, step = step % 97 + 1)
		sha256_add(&s, a, MIN(step, 1000000 - at));
	sha256_hex(&s, hex);
	OK(str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
	   "FIPS 180-2's million a, in uneven pieces");
	free(a);
}

static void test_twister(void)
{
	struct twister t = twister_seeded(0), other = twister_seeded(42);

	/* numpy.random.RandomState(0).randint(0, 2**32 - 1), three times, then random() twice */
	OK(twister_next(&t) == 2357136044U, "first word of seed 0");
	OK(twister_next(&t) == 2546248239U, "second word");
	OK(twister_next(&t) == 3071714933U, "third word");
	OK(twister_unit(&t) == 0.8442657485810173, "two words make a number below 1");
	OK(twister_unit(&t) == 0.8579456176227568, "and the next two");
	for (size_t i = 7; i < 2000; i++)
		twister_next(&t);
	OK(twister_unit(&t) == 0.5928802707811576, "the state is renewed");
	OK(twister_next(&other) == 1608637542U, "another seed");
}

/* As RandomState.shuffle: from the end, an index by masking words until one is not too large. */
static void shuffle(struct twister *t, uint32_t *items, uint32_t n)
{
	for (uint32_t last = n - 1; last > 0; last--) {
		uint32_t mask = last, at;

		for (int by = 1; by < 32; by *= 2)
			mask |= mask >> by;
		while ((at = twister_next(t) & mask) > last)
			;
		uint32_t item = items[at];
		items[at] = items[last];
		items[last] = item;
	}
}

/* Two shuffles of 3,000 in a row, by the sum of place times item: numpy 1.26.4's. */
static void test_shuffles(void)
{
	enum { N = 3000 };
	static const struct {
		uint32_t seed;
		uint64_t sums[2];
	} numpy[] = {{0, {6825924179, 6704274007}},
		     {1, {6746128980, 6709606184}},
		     {7, {6724658399, 6732934228}}};
	uint32_t items[N];

	for (size_t i = 0; i < ARRAY_LEN(numpy); i++) {
		struct twister t = twister_seeded(numpy[i].seed);

		for (int time = 0; time < 2; time++) {
			uint64_t sum = 0;

			for (uint32_t j = 0; j < N; j++)
				items[j] = j;
			shuffle(&t, items, N);
			for (uint32_t j = 0; j < N; j++)
				sum += (uint64_t)(j + 1) * items[j];
			OK(sum == numpy[i].sums[time], "seed %u, shuffle %d is numpy's (%llu)",
			   numpy[i].seed, time + 1, (unsigned long long)sum);
		}
	}
}

static void test_rng(void)
{
	struct rng a = rng_seeded(42), b = rng_seeded(42);
	size_t counts[5] = {0};
	double sum = 0, squares = 0;
	bool same = true;

	for (int i = 0; i < 100; i++)
		same &= rng_next(&a) == rng_next(&b);
	OK(same, "a seed gives the same numbers");
	for (int i = 0; i < 50000; i++)
		counts[rng_below(&a, 5)]++;
	for (int i = 0; i < 5; i++)
		OK(counts[i] > 9500 && counts[i] < 10500, "rng_below is even (%zu)", counts[i]);
	for (int i = 0; i < 50000; i++) {
		double x = rng_normal(&a);

		sum += x;
		squares += x * x;
	}
	OK(fabs(sum / 50000) < 0.02 && fabs(squares / 50000 - 1) < 0.03, "normal numbers are");
}

struct squares {
	size_t of[1000];
	struct pool *pool;
};

static void square(void *job, size_t part)
{
	((struct squares *)job)->of[part] = part * part;
}

static void nested(void *job, size_t part)
{
	struct squares *s = job;
	struct squares *mine = mem_zero(1, sizeof(*mine));

	pool_run(s->pool, 100, square, mine);
	s->of[part] = mine->of[99];
	free(mine);
}

struct meeting {
	struct pool *pool;
	atomic_int here;
	bool met;
};

/* Two parts that meet only when two threads do them; gives up after ten seconds. */
static void meet(void *arg, size_t part UNUSED)
{
	struct meeting *m = arg;
	time_t end = time(NULL) + 10;

	m->here++;
	while (m->here < 2 && time(NULL) < end)
		sched_yield();
}

static void hold_meeting(void *arg, size_t part UNUSED)
{
	struct meeting *m = arg;

	pool_run(m->pool, 2, meet, m);
	m->met = m->here == 2;
}

/* The started job is on the other thread when the wait begins, and needs this one. */
static void test_pool_help(void)
{
	struct meeting m = {.pool = pool_new(2)};
	struct pool_job *job = pool_start(m.pool, 1, hold_meeting, &m);

	while (!m.here)
		sched_yield();
	time_t began = time(NULL);
	pool_wait(m.pool, job);
	OK(m.met && time(NULL) - began < 8,
	   "a thread that waits for a job helps the jobs within it");
	pool_free(m.pool);
}

static void test_pool(void)
{
	struct squares s = {.pool = pool_new(4)};
	struct pool_job *job;
	bool good = true;

	OK(pool_size(s.pool) == 4, "a pool has the threads asked for");
	pool_run(s.pool, 1000, square, &s);
	for (size_t i = 0; i < 1000; i++)
		good &= s.of[i] == i * i;
	OK(good, "every part is done once");
	pool_run(s.pool, 20, nested, &s);
	for (size_t i = 0; i < 20; i++)
		good &= s.of[i] == 99 * 99;
	OK(good, "a part may run parts");
	job = pool_start(s.pool, 1000, square, &s);
	pool_wait(s.pool, job);
	OK(s.of[999] == 999 * 999, "a job may run beside the caller");
	pool_free(s.pool);
}

int main(void)
{
	test_numbers();
	test_options();
	test_text();
	test_err();
	test_strtab();
	test_sha256();
	test_rng();
	test_twister();
	test_shuffles();
	test_pool();
	test_pool_help();
	return done_testing();
}
