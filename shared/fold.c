#include "shared/fold.h"

#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <wchar.h>
#include <wctype.h>

#include "shared/str.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t utf8;

/* Where there is none, other letters than ASCII's stay as they are. */
static void
make_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Adds one character, and returns how many bytes it has at text. */
static size_t
add(struct str *str, const char *text, size_t len)
{
	mbstate_t in = { 0 }, out = { 0 };
	char folded[MB_LEN_MAX];
	size_t size, n;
	wchar_t c;

	n = mbrtowc(&c, text, len, &in);
	if (n == 0 || n > len) {
		str_addc(str, *text);
		return 1;
	}
	size = wcrtomb(folded, (wchar_t)towlower((wint_t)c), &out);
	if (size <= sizeof(folded))
		str_add(str, folded, size);
	else
		str_add(str, text, n);
	return n;
}

void
fold_add(struct str *str, const char *text, size_t len)
{
	locale_t before;

	pthread_once(&once, make_locale);
	before = uselocale(utf8);
	for (size_t i = 0; i < len;)
		i += add(str, text + i, len - i);
	uselocale(before);
}
