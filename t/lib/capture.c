#include "t/lib/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static const int streams[] = { STDOUT_FILENO, STDERR_FILENO };

void
capture_begin(struct capture *capture)
{
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		capture->real[i] = dup(streams[i]);
		capture->file[i] = memfd_create("capture", MFD_CLOEXEC);
		assert_true(capture->real[i] >= 0);
		assert_true(capture->file[i] >= 0);
	}
	for (int i = 0; i < 2; i++)
		dup2(capture->file[i], streams[i]);
}

static void
take(int file, char *text, size_t size)
{
	ssize_t len = pread(file, text, size - 1, 0);

	assert_true(len >= 0);
	text[len] = '\0';
	close(file);
}

void
capture_end(struct capture *capture)
{
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		dup2(capture->real[i], streams[i]);
		close(capture->real[i]);
	}
	take(capture->file[0], capture->out, sizeof(capture->out));
	take(capture->file[1], capture->err, sizeof(capture->err));
}
