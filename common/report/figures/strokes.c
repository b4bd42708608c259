/* strokes.c - see strokes.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/text.h"
#include "report/figures/strokes.h"

/*
 * The grid: letters stand on 6, small ones reach to g (16), capitals to k (20), tails down to 1.
 * A letter is its width and then its lines: '=' through the points; '~' a curve that begins and
 * ends at its outer points and bends towards those between; '@' a round one, within its corners.
 * A point is two digits, x and y, of 0 to 9 and a to z.
 */
#define BASE_LINE 6
#define CAPITAL 14.0 /* grid lines */
#define APART 3      /* letters */
#define PIECES 6     /* of a bend */
#define BOX "8=060k8k8606"

static const char *const ascii[] = {
	/*   */ "3",
	/* ! */ "0=0k0b=0606",
	/* " */ "3=0k0g=3k3g",
	/* # */ "9=3k16=8k66=0f9f=0b8b",
	/* $ */ "9~9h9k0k0d9d960609=5m54",
	/* % */ "c@0f0k4k4f@868bcbc6=bk16",
	/* & */ "a~9c76060b7f7k1k1f=1fa6",
	/* ' */ "0=0k0g",
	/* ( */ "4~4m0h0843",
	/* ) */ "4~0m4h4803",
	/* * */ "8=4k4c=0i8e=0e8i",
	/* + */ "8=0b8b=4f47",
	/* , */ "1=1703",
	/* - */ "6=0b6b",
	/* . */ "0=0606",
	/* / */ "7=057l",
	/* 0 */ "8@060k8k86",
	/* 1 */ "8=1h5k56",
	/* 2 */ "8~0g0k8k8e06=0686",
	/* 3 */ "8~0h0k8k8d3d~3d8d860609",
	/* 4 */ "8=6k0a8a=6k66",
	/* 5 */ "8=7k1k0d~0d8f860609",
	/* 6 */ "8~7h7k0k0a@060e8e86",
	/* 7 */ "8=0k8k36",
	/* 8 */ "8@1d1k7k7d@060d8d86",
	/* 9 */ "8@0c0k8k8c~8g861619",
	/* : */ "0=0606=0f0f",
	/* ; */ "1=1703=1f1f",
	/* < */ "8=8f0b87",
	/* = */ "8=0d8d=0989",
	/* > */ "8=0f8b07",
	/* ? */ "8~0h0k8k8d4e4b=4646",
	/* @ */ "e@040keke4@595fafa9=afa9",
	/* A */ "a=065ka6=2b8b",
	/* B */ "a=4k0k0646=0d4d~4k9k9d4d~4dada646",
	/* C */ "a~agak0k06a6aa",
	/* D */ "a=4k0k0646~4kaka646",
	/* E */ "9=9k0k0696=0d7d",
	/* F */ "9=9k0k06=0d7d",
	/* G */ "a~agak0k06a6ac=ac6c",
	/* H */ "a=0k06=aka6=0dad",
	/* I */ "0=0k06",
	/* J */ "7=7k7b~7b76060a",
	/* K */ "a=0k06=ak0b=4ea6",
	/* L */ "8=0k0686",
	/* M */ "c=060k6ackc6",
	/* N */ "a=060ka6ak",
	/* O */ "a@060kaka6",
	/* P */ "a=060k4k~4kakac4c=4c0c",
	/* Q */ "a@060kaka6=6aa5",
	/* R */ "a=060k4k~4kakac4c=4c0c=4ca6",
	/* S */ "9~9h9k0k0d9d960609",
	/* T */ "a=0kak=5k56",
	/* U */ "a=0k0c~0c06a6ac=acak",
	/* V */ "a=0k56ak",
	/* W */ "e=0k367ib6ek",
	/* X */ "a=0ka6=06ak",
	/* Y */ "a=0k5dak=5d56",
	/* Z */ "a=0kak06a6",
	/* [ */ "4=4m0m0343",
	/* \ */ "7=0l75",
	/* ] */ "4=0m4m4303",
	/* ^ */ "8=0g4k8g",
	/* _ */ "8=0484",
	/* ` */ "3=0k3h",
	/* a */ "8=8g86@060g8g86",
	/* b */ "8=0k06@060g8g86",
	/* c */ "8~8d8g0g068689",
	/* d */ "8=8k86@060g8g86",
	/* e */ "8=0b8b~8b8g0g068689",
	/* f */ "6~6k2k2f=2f26=0g5g",
	/* g */ "8=8g84~84810103@060g8g86",
	/* h */ "8=0k06~0b0g8g8b=8b86",
	/* i */ "0=0g06=0k0k",
	/* j */ "3=3g34~343101=3k3k",
	/* k */ "7=0k06=7g0a=3c76",
	/* l */ "2=0k09~090626",
	/* m */ "c=0g06~0b0g6g6b=6b66~6b6gcgcb=cbc6",
	/* n */ "8=0g06~0b0g8g8b=8b86",
	/* o */ "8@060g8g86",
	/* p */ "8=0g01@060g8g86",
	/* q */ "8=8g81@060g8g86",
	/* r */ "5=0g06~0b0g5g",
	/* s */ "7~7e7g0g0b7b760608",
	/* t */ "6=2k29~292666=0g5g",
	/* u */ "8=0g0b~0b06868b=8g86",
	/* v */ "8=0g468g",
	/* w */ "c=0g366g96cg",
	/* x */ "8=0g86=068g",
	/* y */ "8=0g46=8g21",
	/* z */ "8=0g8g0686",
	/* { */ "4~4m2m2c0c~0c2c2343",
	/* | */ "0=0l04",
	/* } */ "4~0m2m2c4c~4c2c2303",
	/* ~ */ "8~0a2e688c",
};

static const struct {
	const char *letter, *lines;
} others[] = {
	{"\xce\xb1", "9~9g56060g5g96"},             /* alpha */
	{"\xce\xb2", "8=010e~0e0k7k7d3d~3d8d8626"}, /* beta */
	{"\xce\xb3", "8=0g4a41=8g4a"},              /* gamma */
	{"\xce\xb4", "8@060e8e86~4e0h2k7k"},        /* delta */
	{"\xce\xbc", "8=0g01=0g0b~0b06868b=8g86"},  /* mu */
	{"\xc2\xb5", "8=0g01=0g0b~0b06868b=8g86"},  /* micro */
	{"\xc3\x97", "8=0f87=078f"},                /* times */
	{"\xe2\x80\x93", "8=0b8b"},                 /* dashes */
	{"\xe2\x80\x94", "a=0bab"},
	{"\xe2\x80\x99", "0=0k0g"}, /* apostrophe */
};

/* The lines of the letter at 'text', and its bytes; 1 of what is no UTF-8. */
static const char *lines_of(const char *text, size_t *bytes)
{
	size_t n = utf8_length(text), first = (unsigned char)*text - (size_t)' ';

	*bytes = MAX(n, 1);
	if (n == 1)
		return first < ARRAY_LEN(ascii) ? ascii[first] : BOX;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strlen(others[i].letter) == n && strncmp(text, others[i].letter, n) == 0)
			return others[i].lines;
	return BOX;
}

static double digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

struct pen {
	struct stroke_list *list;
	double left;   /* of the letter, on the grid */
	double at[2];  /* where the pen is */
	size_t letter; /* number */
};

static void draw_to(struct pen *pen, double x, double y)
{
	struct stroke_list *list = pen->list;
	struct stroke *s;

	MEM_GROW(list->of, list->n + 1, list->cap);
	s = &list->of[list->n++];
	s->x[0] = (pen->left + pen->at[0]) / CAPITAL;
	s->y[0] = (pen->at[1] - BASE_LINE) / CAPITAL;
	s->x[1] = (pen->left + x) / CAPITAL;
	s->y[1] = (y - BASE_LINE) / CAPITAL;
	s->letter = pen->letter;
	pen->at[0] = x;
	pen->at[1] = y;
}

/* To 'end' by way of 'bend', which draws the line towards itself. */
static void bend_to(struct pen *pen, const double bend[2], const double end[2])
{
	const double from[2] = {pen->at[0], pen->at[1]};

	for (int i = 1; i <= PIECES; i++) {
		double t = (double)i / PIECES, u = 1 - t;

		draw_to(pen, u * u * from[0] + 2 * u * t * bend[0] + t * t * end[0],
			u * u * from[1] + 2 * u * t * bend[1] + t * t * end[1]);
	}
}

#define MOST_POINTS 16

/* One line of a letter: its kind, and its points. */
static void draw_line(struct pen *pen, char kind, double points[][2], size_t n)
{
	double middle[2];
	size_t first = kind == '@' ? 0 : 1, last = kind == '@' ? n : n - 1;

	memcpy(pen->at, points[0], sizeof(pen->at));
	if (kind == '=') {
		for (size_t i = 1; i < n; i++)
			draw_to(pen, points[i][0], points[i][1]);
		return;
	}
	if (kind == '@')
		for (size_t k = 0; k < 2; k++)
			pen->at[k] = (points[n - 1][k] + points[0][k]) / 2;
	for (size_t i = first; i < last; i++) {
		const double *next = points[(i + 1) % n];

		for (size_t k = 0; k < 2; k++)
			middle[k] = (points[i][k] + next[k]) / 2;
		bend_to(pen, points[i], kind == '~' && i + 1 == last ? next : middle);
	}
}

static void draw_letter(struct pen *pen, const char *lines)
{
	while (*lines) {
		double points[MOST_POINTS][2];
		char kind = *lines++;
		size_t n = 0;

		for (; *lines && !strchr("=~@", *lines); lines += 2, n++) {
			points[n][0] = digit(lines[0]);
			points[n][1] = digit(lines[1]);
		}
		draw_line(pen, kind, points, n);
	}
}

double strokes_of(const char *text, struct stroke_list *list)
{
	struct pen pen = {.list = list};
	double right = 0;

	for (; *text; pen.letter++) {
		size_t bytes;
		const char *lines = lines_of(text, &bytes);

		if (list)
			draw_letter(&pen, lines + 1);
		right = pen.left + digit(*lines);
		pen.left = right + APART;
		text += bytes;
	}
	return right / CAPITAL;
}
