/* natural.c - see natural.h. */
#include "base/util.h"

#include "base/natural.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compare two runs of digits as numbers and step behind them. */
static int compare_numbers(const char **a, const char **b)
{
	const char *x = *a + strspn(*a, "0"), *y = *b + strspn(*b, "0");
	size_t n_x = strspn(x, "0123456789"), n_y = strspn(y, "0123456789");

	*a = x + n_x;
	*b = y + n_y;
	if (n_x != n_y)
		return n_x < n_y ? -1 : 1;
	return memcmp(x, y, n_x);
}

/* Compare two runs without digits, either of which may be empty, and step behind them. */
static int compare_words(const char **a, const char **b)
{
	while (**a && **b && !is_digit(**a) && !is_digit(**b)) {
		if (**a != **b)
			return (unsigned char)**a < (unsigned char)**b ? -1 : 1;
		++*a;
		++*b;
	}
	bool more_a = **a && !is_digit(**a), more_b = **b && !is_digit(**b);

	return more_a - more_b;
}

int natural_compare(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x || *y) {
		int words = compare_words(&x, &y);
		if (words)
			return words;
		if (!*x || !*y)
			break;
		int numbers = compare_numbers(&x, &y);
		if (numbers)
			return numbers;
	}
	if (*x || *y)
		return *x ? 1 : -1;
	return strcmp(a, b);
}
