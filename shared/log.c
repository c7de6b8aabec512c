#include "shared/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shared/utf8.h"

/* Longer messages are cut: a peer can put a whole stanza into a value. */
#define MESSAGE_MAX 2048
/* Every byte may become "\\x00" in JSON. */
#define LINE_MAX_BYTES (MESSAGE_MAX * 5 + 256)

struct line {
	size_t len;
	char data[LINE_MAX_BYTES];
};

/* A log belongs to the process.  Worker threads write to it as well, hence
   the atomics. */
static _Atomic(const char *) log_program = "annex";
static atomic_int log_level = LOG_LEVEL_INFO;
static atomic_bool log_json;
static atomic_bool log_journal;

static const struct {
	const char *name;
	char priority;	/* sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_DEBUG] = { "debug", '7' },
	[LOG_LEVEL_INFO] = { "info", '6' },
	[LOG_LEVEL_WARNING] = { "warning", '4' },
	[LOG_LEVEL_ERROR] = { "error", '3' },
};

/* systemd names the journal's socket so that a daemon whose stderr was
   redirected can tell. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL &&
	       sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 &&
	       st.st_dev == dev && st.st_ino == ino;
}

void
log_configure(const char *program, enum log_level level, bool json)
{
	log_program = program;
	log_level = (int)level;
	log_json = json;
	log_journal = stderr_is_journal();
}

bool
log_enabled(enum log_level level)
{
	return (int)level >= log_level;
}

static void
line_addc(struct line *line, char c)
{
	/* The last byte is kept for the newline. */
	if (line->len < sizeof(line->data) - 1)
		line->data[line->len++] = c;
}

static void
line_addz(struct line *line, const char *text)
{
	while (*text != '\0')
		line_addc(line, *text++);
}

/* C0, DEL and C1: all that a terminal obeys. */
static bool
is_control(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	if (len == 1)
		return s[0] < 0x20 || s[0] == 0x7f;
	return s[0] == 0xc2 && s[1] < 0xa0;
}

static void
line_add_escaped(struct line *line, unsigned char c, bool json)
{
	static const char hex[] = "0123456789abcdef";

	line_addz(line, json ? "\\\\x" : "\\x");
	line_addc(line, hex[c >> 4]);
	line_addc(line, hex[c & 15]);
}

static void
line_add_value(struct line *line, const char *text, bool json)
{
	while (*text != '\0') {
		size_t len = utf8_length(text);

		if (len == 0 || is_control(text, len)) {
			len = len ? len : 1;
			for (size_t i = 0; i < len; i++)
				line_add_escaped(line,
						 (unsigned char)text[i],
						 json);
			text += len;
			continue;
		}
		if (json && (*text == '"' || *text == '\\'))
			line_addc(line, '\\');
		for (; len > 0; len--)
			line_addc(line, *text++);
	}
}

static void
line_add_time(struct line *line)
{
	struct timespec now;
	struct tm tm;
	char text[48];
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, sizeof(text) - len, ".%03ldZ",
		 now.tv_nsec / 1000000);
	line_addz(line, text);
}

static void
line_add_json(struct line *line, enum log_level level, const char *message)
{
	line_addz(line, "{\"time\":\"");
	line_add_time(line);
	line_addz(line, "\",\"level\":\"");
	line_addz(line, levels[level].name);
	line_addz(line, "\",\"program\":\"");
	line_add_value(line, log_program, true);
	line_addz(line, "\",\"message\":\"");
	line_add_value(line, message, true);
	line_addz(line, "\"}");
}

/* The journal keeps time and program itself. */
static void
line_add_text(struct line *line, enum log_level level, const char *message)
{
	if (log_journal) {
		line_addc(line, '<');
		line_addc(line, levels[level].priority);
		line_addc(line, '>');
	} else {
		line_add_time(line);
		line_addc(line, ' ');
		line_addz(line, log_program);
		line_addc(line, ' ');
		line_addz(line, levels[level].name);
		line_addc(line, ' ');
	}
	line_add_value(line, message, false);
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	char message[MESSAGE_MAX];
	struct line line;
	va_list ap;
	int len;

	if (!log_enabled(level))
		return;

	va_start(ap, fmt);
	len = vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(message))
		memcpy(message + sizeof(message) - 4, "...", 4);

	line.len = 0;
	if (log_json)
		line_add_json(&line, level, message);
	else
		line_add_text(&line, level, message);
	line.data[line.len++] = '\n';

	/* One write, so that lines of several threads never mix.  There is
	   nobody to tell when it fails. */
	if (write(STDERR_FILENO, line.data, line.len) < 0)
		return;
}
