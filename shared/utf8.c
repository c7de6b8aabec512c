#include "shared/utf8.h"

static bool
in_range(unsigned char c, unsigned char low, unsigned char high)
{
	return c >= low && c <= high;
}

size_t
utf8_length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (in_range(s[0], 0xc2, 0xdf))
		len = 2;
	else if (in_range(s[0], 0xe0, 0xef))
		len = 3;
	else if (in_range(s[0], 0xf0, 0xf4))
		len = 4;
	else
		return 0;

	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (!in_range(s[1], low, high))
		return 0;
	for (size_t i = 2; i < len; i++)
		if (!in_range(s[i], 0x80, 0xbf))
			return 0;
	return len;
}

bool
utf8_is(const char *text)
{
	size_t len = 1;

	for (; *text != '\0' && len > 0; text += len)
		len = utf8_length(text);
	return len > 0;
}

void
utf8_mend(char *text)
{
	char *to = text;

	while (*text != '\0') {
		size_t len = utf8_length(text);

		if (len == 0)
			text++;
		for (; len > 0; len--)
			*to++ = *text++;
	}
	*to = '\0';
}
