#include "shared/control_socket.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/log.h"

static char folder[] = "/tmp/annex-socket-XXXXXX";
static char path[64];
static uv_loop_t loop;
static struct control_socket *served;
static int guests;

static void
on_guest(void *ctx, int fd)
{
	assert_ptr_equal(ctx, &guests);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	/* Who only looks whether it is served has gone. */
	send(fd, "+", 1, MSG_NOSIGNAL);
	close(fd);
	guests++;
}

static int
listen_now(struct error *err)
{
	const struct control_socket_settings settings = { path, 0640 };
	struct control_socket *sock;

	*err = (struct error){ 0 };
	if (control_socket_new(&loop, &settings, &sock, err) < 0)
		return -1;
	served = sock;
	control_socket_serve(served, on_guest, &guests);
	return 0;
}

static int
setup(void **state)
{
	struct error err;

	(void)state;
	log_configure("test", LOG_LEVEL_ERROR, false);
	snprintf(path, sizeof(path), "%s/test.sock", folder);
	guests = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	return listen_now(&err);
}

static int
teardown(void **state)
{
	(void)state;
	control_socket_free(&served);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	unlink(path);
	return 0;
}

static struct sockaddr_un
address(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	memcpy(name.sun_path, path, strlen(path) + 1);
	return name;
}

/* One that nobody listens at. */
static void
leave_behind(void)
{
	const struct sockaddr_un name = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&name,
			      sizeof(name)), 0);
	close(fd);
}

static int
dial(void)
{
	const struct sockaddr_un name = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&name,
				 sizeof(name)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

/* What a guest hears: "+", or nothing when it was turned away. */
static ssize_t
hear(int fd)
{
	char byte;
	ssize_t n;

	while ((n = recv(fd, &byte, 1, 0)) < 0)
		uv_run(&loop, UV_RUN_NOWAIT);
	close(fd);
	return n;
}

static void
guests_are_handed_over(void **state)
{
	(void)state;
	assert_int_equal(hear(dial()), 1);
	assert_int_equal(hear(dial()), 1);
	assert_int_equal(guests, 2);
}

/* Neither is a spare one forgotten, nor does the loop turn for nothing. */
static void
want_of_descriptors_is_survived(void **state)
{
	struct rlimit limit, none;
	int fd = dial(), next = dup(fd);

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = (rlim_t)next;
	close(next);
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(hear(fd), 0);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(guests, 0);
	assert_int_equal(hear(dial()), 1);
}

static void
the_socket_has_its_mode(void **state)
{
	struct stat is;

	(void)state;
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_mode & 07777, 0640);
}

static void
it_goes_when_it_is_closed(void **state)
{
	(void)state;
	control_socket_free(&served);
	assert_int_equal(access(path, F_OK), -1);
}

static void
nobody_takes_it_from_who_serves_it(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(listen_now(&err), -1);
	assert_non_null(strstr(err.text, "another process serves it"));
	assert_int_equal(hear(dial()), 1);
}

static void
a_socket_left_behind_is_replaced(void **state)
{
	struct error err;

	(void)state;
	control_socket_free(&served);
	leave_behind();
	assert_int_equal(listen_now(&err), 0);
	assert_int_equal(hear(dial()), 1);
}

static void
other_files_are_left_alone(void **state)
{
	struct error err;
	int fd;

	(void)state;
	control_socket_free(&served);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(listen_now(&err), -1);
	assert_non_null(strstr(err.text, "there is something else"));
	assert_int_equal(access(path, F_OK), 0);
}

static void
a_missing_folder_is_told(void **state)
{
	struct error err;

	(void)state;
	control_socket_free(&served);
	snprintf(path, sizeof(path), "%s/none/test.sock", folder);
	assert_int_equal(listen_now(&err), -1);
	assert_non_null(strstr(err.text, "No such file or directory"));
}

static void
the_socket_of_another_stays(void **state)
{
	(void)state;
	unlink(path);
	leave_behind();
	control_socket_free(&served);
	assert_int_equal(access(path, F_OK), 0);
}

static void
paths_and_modes_are_checked(void **state)
{
	char longest[200];
	struct error err = { 0 };
	mode_t mode;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[107] = '\0';
	assert_int_equal(control_socket_check_path(longest, &err), 0);
	longest[107] = 'x';
	longest[108] = '\0';
	assert_int_equal(control_socket_check_path(longest, &err), -1);
	assert_int_equal(control_socket_check_path("run", &err), -1);
	assert_int_equal(control_socket_read_mode("0660", &mode, &err), 0);
	assert_int_equal(mode, 0660);
	assert_int_equal(control_socket_read_mode("600", &mode, &err), 0);
	assert_int_equal(mode, 0600);
	assert_int_equal(control_socket_read_mode("", &mode, &err), -1);
	assert_int_equal(control_socket_read_mode("8", &mode, &err), -1);
	assert_int_equal(control_socket_read_mode("00660", &mode, &err), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(guests_are_handed_over),
		TEST(want_of_descriptors_is_survived),
		TEST(the_socket_has_its_mode),
		TEST(it_goes_when_it_is_closed),
		TEST(nobody_takes_it_from_who_serves_it),
		TEST(a_socket_left_behind_is_replaced),
		TEST(other_files_are_left_alone),
		TEST(a_missing_folder_is_told),
		TEST(the_socket_of_another_stays),
		cmocka_unit_test(paths_and_modes_are_checked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
