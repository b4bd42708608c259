/* typo.c - see typo.h. */
#include "base/util.h"

#include "onto/typo.h"

#define TYPO_MIN_LENGTH 6
#define TYPO_MAX_LENGTH 24

static int letter_of(const char *w)
{
	return *w >= 'a' && *w <= 'z' ? *w - 'a' : 26;
}

static bool all_letters(const char *w, size_t *len)
{
	*len = strlen(w);
	return *len >= TYPO_MIN_LENGTH && *len <= TYPO_MAX_LENGTH &&
	       strspn(w, "abcdefghijklmnopqrstuvwxyz") == *len;
}

void typos_index(struct typos *x, const struct strtab *words)
{
	size_t len;

	for (uint32_t w = 0; w < words->n; w++) {
		const char *s = strtab_str(words, w);
		int l = letter_of(s);

		if (!all_letters(s, &len))
			continue;
		MEM_GROW(x->by_letter[l], x->n_by_letter[l] + 1, x->cap_by_letter[l]);
		x->by_letter[l][x->n_by_letter[l]++] = s;
	}
}

/* Insertions, deletions, changes and swaps of neighbours from a to b, or more than 'most'. */
static int edits(const char *a, size_t n, const char *b, size_t m, int most)
{
	int rows[3][TYPO_MAX_LENGTH + 1];

	for (size_t j = 0; j <= m; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		int least = now[0] = (int)i;

		for (size_t j = 1; j <= m; j++) {
			now[j] = MIN(last[j], now[j - 1]) + 1;
			now[j] = MIN(now[j], last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = MIN(now[j], before[j - 2] + 1);
			least = MIN(least, now[j]);
		}
		if (least > most)
			return most + 1;
	}
	return rows[n % 3][m];
}

const char *typos_meant(const struct typos *x, const char *w,
			double (*weigh)(const void *, const char *), const void *names)
{
	size_t len, other;
	const char *best = NULL;
	double best_weight = 0;

	if (!all_letters(w, &len))
		return NULL;
	int l = letter_of(w), most = len >= 9 ? 2 : 1;

	for (size_t i = 0; i < x->n_by_letter[l]; i++) {
		const char *to = x->by_letter[l][i];

		other = strlen(to);
		if (other > len + 2 || len > other + 2)
			continue;
		int d = edits(w, len, to, other, most);

		if (d > most)
			continue;
		double weight = weigh(names, to);

		if (d < most || !best || weight < best_weight) {
			best = to;
			best_weight = weight;
			most = d;
		}
	}
	return best;
}

void typos_release(struct typos *x)
{
	for (int l = 0; l < 27; l++)
		free(x->by_letter[l]);
}
