/* SPDX-License-Identifier: MIT */
/* Stacks on the real kernel: what is applied is up, applied again it is no change, what a target
 * refuses only at the resume is taken back, and what is ephemeral goes with its process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dmkit-stack.h"
#include "one-target.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DIGEST "5a0c2ba2c0d8a4b9f1d0ac95b4d9a4bb0c2f8fd4c7d15de6e5a6a7d5d9c5b101"

/* "NAME TYPE KEY=VALUE ...", a line each; a segment more where the name is the last one's. */
static void add_line(struct dmk_stack *stack, char *line, char *last)
{
	struct dmk_key_value pairs[16];
	char *rest = NULL, *name = strtok_r(line, " ", &rest), *type = strtok_r(NULL, " ", &rest);
	const struct dmk_stack_device device = { .flags = DMK_CREATE_NO_VERIFY };
	uint32_t n = 0;
	int r = 0;

	if (strcmp(type, "!") == 0) {
		type = strtok_r(NULL, " ", &rest);
		assert_int_equal(dmk_stack_add_message(stack, type, rest), 0);
		return;
	}
	if (strcmp(name, last) != 0)
		r = dmk_stack_add_device(stack, name, &device);
	strcpy(last, name);
	for (char *word = strtok_r(NULL, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *equal = strchr(word, '=');

		*equal = '\0';
		pairs[n++] = (struct dmk_key_value){ .key = word, .value = equal + 1 };
	}
	if (r == 0)
		r = dmk_stack_add_keys(stack, type, pairs, n);
	if (r < 0) {
		char why[DMK_ERROR_TEXT_SIZE];

		dmk_error_format(dmk_stack_error(stack), why, sizeof(why));
		fail_msg("%s", why);
	}
}

static struct dmk_stack *stack_of(const char *text)
{
	char *copy = strdup(text), *rest = NULL, last[64] = "";
	struct dmk_stack *stack;

	assert_int_equal(dmk_stack_new("st", &stack), 0);
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		add_line(stack, line, last);
	free(copy);
	return stack;
}

static int apply(struct dmk *dm, const char *text)
{
	struct dmk_stack *stack = stack_of(text);
	int r = dmk_stack_apply(dm, stack, NULL, NULL);

	dmk_stack_free(stack);
	return r;
}

/* Nothing is to be done for it any more. */
static void assert_settled(struct dmk *dm, const char *text)
{
	struct dmk_stack *stack = stack_of(text);
	struct dmk_plan_step step;
	struct dmk_plan *plan;

	assert_ok(dm, dmk_stack_plan(dm, stack, NULL, &plan));
	while (dmk_plan_next(plan, &step) == 1)
		if (step.kind != DMK_PLAN_KEEP)
			fail_msg("%s: kind %u flags 0x%x\nnow:    %s\nwanted: %s", step.name,
				 step.kind, step.flags, step.before, step.after);
	dmk_plan_free(plan);
	dmk_stack_free(stack);
}

static bool has_targets(struct dmk *dm, const char *text)
{
	char *copy = strdup(text), *rest = NULL;
	bool all = true;

	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *words = NULL, *type;

		strtok_r(line, " ", &words);
		type = strtok_r(NULL, " ", &words);
		all = all && (strcmp(type, "!") == 0 || target_since(dm, type, 0, 0));
	}
	free(copy);
	return all;
}

/* ---- applied, again, and down ---- */

static const char *const stacks[] = {
	"a linear device=" RAM0 " offset=1MiB size=4MiB\na linear device=" RAM1 "\nb linear "
	"device=@a offset=8s\n",
	"a linear device=" RAM0 "\nb linear device=" RAM1 "\nc striped chunk=64KiB device=@a:0 "
	"device=@b:1MiB\n",
	"base linear device=" RAM0 " size=8MiB\nstore linear device=" RAM1 " size=4MiB\norigin "
	"snapshot-origin origin=@base\nsnap snapshot origin=@base cow=@store\n",
	"meta linear device=" RAM0 " size=4MiB\ndata linear device=" RAM1 "\npool thin-pool "
	"metadata=@meta data=@data block-size=64KiB\nt1 thin pool=@pool id=1 size=8MiB\nt1 ! pool "
	"create_thin 1\nt2 thin pool=@pool id=2 size=8MiB\nt2 ! pool create_thin 2\n",
	"meta linear device=" RAM0 " size=4MiB\nfast linear device=" RAM1 " size=8MiB\ndisk cache "
	"metadata=@meta cache=@fast origin=" RAM2 " block-size=64KiB\n",
	"meta linear device=" RAM0 " size=4MiB\nfast linear device=" RAM1 " size=8MiB\ndisk cache "
	"metadata=@meta cache=@fast origin=" RAM2 " block-size=64KiB mode=writethrough\n",
	"part linear device=" RAM0 " size=8MiB\nplain crypt device=@part cipher=aes-xts-plain64 "
	"key=" KEY KEY "\n",
	"part linear device=" RAM0 " size=8MiB\nplain crypt device=@part cipher=aes-xts-plain64 "
	"key=" KEY KEY " sector-size=512 allow-discards=yes\n",
	"m0 linear device=" RAM0 " size=1MiB\nd0 linear device=" RAM0 " offset=1MiB\nm1 linear "
	"device=" RAM1 " size=1MiB\nd1 linear device=" RAM1
	" offset=1MiB\ndisk raid raid-type=raid1 "
	"metadata=@m0 data=@d0 metadata=@m1 data=@d1\n",
	"a linear device=" RAM0 "\nb linear device=" RAM1 "\ndisk mirror region-size=1MiB "
	"device=@a:0 device=@b:0\n",
	"a linear device=" RAM0 "\nlate delay device=@a delay=1\n",
	"a linear device=" RAM0 "\nflaky flakey device=@a up-interval=5 down-interval=0\n",
	"data linear device=" RAM0 " size=4MiB\ntree linear device=" RAM1 " size=1MiB\nroot verity "
	"data=@data hash=@tree root-digest=" DIGEST " data-blocks=1024 hash-start=0\n",
	"a linear device=" RAM0 "\nd dust device=@a blksz=512\n",
	"a linear device=" RAM0 " size=8MiB\ni integrity device=@a internal-hash=crc32c "
	"size=4MiB\n",
	"meta linear device=" RAM0 " size=4MiB\nera era metadata=@meta origin=" RAM1
	" block-size=64KiB\n",
};

static void settled_after(void **state)
{
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		if (!has_targets(*state, stacks[i])) {
			print_message("# without %s", stacks[i]);
			continue;
		}
		wipe_metadata();
		wipe(RAM1, 65536); /* what a snapshot stores begins there */
		print_message("# %.40s\n", stacks[i]);
		assert_ok(*state, apply(*state, stacks[i]));
		assert_settled(*state, stacks[i]);
		assert_ok(*state, apply(*state, stacks[i]));
		assert_ok(*state, dmk_stack_down(*state, "st", NULL));
		assert_int_equal(count_devices(*state), 0);
	}
}

/* ---- changes ---- */

static void grows_under_a_reader(void **state)
{
	char before[4096], after[4096];
	int fd;

	assert_ok(*state,
		  apply(*state, "low linear device=" RAM0 " size=4MiB\ntop linear device=@low\n"));
	fill_pattern((uint8_t *)before, sizeof(before), 7);
	assert_true(write_at(node_path("top"), 0, before, sizeof(before)));
	fd = open(node_path("top"), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(*state,
		  apply(*state, "low linear device=" RAM0 " size=8MiB\ntop linear device=@low\n"));
	assert_settled(*state, "low linear device=" RAM0 " size=8MiB\ntop linear device=@low\n");
	assert_true(read_at(node_path("top"), 0, after, sizeof(after)));
	assert_memory_equal(before, after, sizeof(before));
	/* It shrinks only where nobody has it open. */
	assert_code(*state,
		    apply(*state, "low linear device=" RAM0 " size=4MiB\ntop linear device=@low\n"),
		    -EBUSY);
	assert_int_equal(dmk_last_error(*state)->holders[0].pid, getpid());
	assert_settled(*state, "low linear device=" RAM0 " size=8MiB\ntop linear device=@low\n");
	assert_code(*state, dmk_stack_down(*state, "st", NULL), -EBUSY);
	assert_settled(*state, "low linear device=" RAM0 " size=8MiB\ntop linear device=@low\n");
	close(fd);
	assert_ok(*state,
		  apply(*state, "low linear device=" RAM0 " size=4MiB\ntop linear device=@low\n"));
	assert_ok(*state, dmk_stack_down(*state, "st", NULL));
}

static const char pool_up[] = "meta linear device=" RAM0 " size=4MiB\ndata linear device=" RAM1
			      " size=8MiB\npool thin-pool metadata=@meta data=@data "
			      "block-size=64KiB\nt1 thin pool=@pool id=1 size=8MiB\nt1 ! pool "
			      "create_thin 1\n";

/* One that no pool has: its table is refused after all else was made. The id that was created for
 * the one before it is free again. */
static void refused_at_the_end(void **state)
{
	static const char more[] =
		"meta linear device=" RAM0 " size=4MiB\ndata linear device=" RAM1
		" size=8MiB\npool thin-pool metadata=@meta data=@data block-size=64KiB\nt1 thin "
		"pool=@pool id=1 size=8MiB\nt1 ! pool create_thin 1\nt2 thin pool=@pool id=2 "
		"size=8MiB\nt2 ! pool create_thin 2\nt9 thin pool=@pool id=9 size=8MiB\n";

	wipe_metadata();
	assert_ok(*state, apply(*state, pool_up));
	assert_true(apply(*state, more) < 0);
	assert_int_equal(dmk_last_error(*state)->undo_code, 0);
	assert_string_equal(dmk_last_error(*state)->device, "t9");
	assert_settled(*state, pool_up);
	assert_int_equal(try_message(*state, "pool", strdup("create_thin 2")), 0);
	assert_ok(*state, dmk_stack_down(*state, "st", NULL));
}

/* Linux says only at the resume that the exceptions are those of another snapshot, which runs. The
 * device below has its new table by then, and the one above is suspended. */
static void refused_at_a_resume(void **state)
{
	static const char up[] = "low linear device=" RAM2 " size=1MiB\nsnap snapshot origin=" RAM0
				 " cow=" RAM1 " persistent=P chunksize=4KiB size=1MiB\nmid linear "
				 "device=@low\ntop linear device=@mid\n";
	static const char wrong[] =
		"low linear device=" RAM2 " offset=1MiB size=1MiB\nsnap snapshot origin=" RAM0
		" cow=" RAM1 " persistent=P chunksize=4KiB size=1MiB\nmid snapshot origin=" RAM0
		" cow=" RAM1 " persistent=P chunksize=4KiB size=1MiB\ntop linear device=@mid\n";
	char before[4096], after[4096];

	wipe(RAM1, 65536);
	assert_ok(*state, apply(*state, up));
	fill_pattern((uint8_t *)before, sizeof(before), 8);
	assert_true(write_at(node_path("top"), 0, before, sizeof(before)));
	assert_true(apply(*state, wrong) < 0);
	assert_int_equal(dmk_last_error(*state)->undo_code, 0);
	assert_int_equal(dmk_last_error(*state)->left, 0);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_RESUME);
	assert_string_equal(dmk_last_error(*state)->device, "mid");
	assert_settled(*state, up);
	assert_true(read_at(node_path("top"), 0, after, sizeof(after)));
	assert_memory_equal(before, after, sizeof(before));
	assert_ok(*state, dmk_stack_down(*state, "st", NULL));
}

static pid_t write_once(const char *path)
{
	uint8_t *bytes = pattern(4096, 9);
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);

		_exit(fd >= 0 && pwrite(fd, bytes, 4096, 0) == 4096 ? 0 : 1);
	}
	free(bytes);
	return pid;
}

/* I/O below hangs, and with it the suspend of a device in the middle: at the deadline all is as it
 * was, and runs on as soon as that I/O does. */
static void suspend_hangs(void **state)
{
	static const char up[] = "low linear device=/dev/mapper/disk size=4MiB\nmid linear "
				 "device=@low\ntop linear device=@mid\n";
	static const char longer[] = "low linear device=/dev/mapper/disk size=8MiB\nmid linear "
				     "device=@low\ntop linear device=@mid\n";
	const struct dmk_stack_options options = { .timeout_ms = 700 };
	struct dmk_stack *stack;
	struct dmk_info info;
	int status;
	pid_t pid;

	make_device(*state, "disk", "0 32768 linear " RAM0 " 0");
	assert_ok(*state, apply(*state, up));
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("disk"), NULL, NULL));
	pid = write_once(node_path("mid"));
	usleep(300000);
	stack = stack_of(longer);
	assert_code(*state, dmk_stack_apply(*state, stack, &options, NULL), -ETIMEDOUT);
	assert_string_equal(dmk_last_error(*state)->device, "mid");
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_SUSPEND);
	assert_int_equal(dmk_last_error(*state)->undo_code, 0);
	assert_int_equal(dmk_last_error(*state)->left, 0);
	dmk_stack_free(stack);
	assert_settled(*state, up);
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("top"), NULL, &info));
	assert_int_equal(info.flags & (DMK_INFO_SUSPENDED | DMK_INFO_INACTIVE_TABLE), 0);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("disk"), NULL, NULL));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_ok(*state, apply(*state, longer));
	assert_settled(*state, longer);
	assert_ok(*state, dmk_stack_down(*state, "st", NULL));
	remove_device(*state, "disk");
}

/* ---- ephemeral ---- */

/* What was closed goes a moment later, in the kernel's own time. */
static void assert_gone(struct dmk *dm)
{
	for (int i = 0; i < 200 && count_devices(dm) > 0; i++)
		usleep(10000);
	assert_int_equal(count_devices(dm), 0);
}

static void goes_with_its_fd(void **state)
{
	struct dmk_table *table = text_table("0 64 linear " RAM0 " 0");
	struct dmk_create_options options = { .flags = DMK_CREATE_EPHEMERAL };
	struct dmk_info info;
	char byte;
	int fd = -1;

	assert_code(*state, dmk_create(*state, "e", table, &options, NULL), -EINVAL);
	options.ret_fd = &fd;
	assert_ok(*state, dmk_create(*state, "e", table, &options, &info));
	assert_true(fd >= 0);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(device_exists(*state, "e"));
	close(fd);
	assert_gone(*state);
	unlink(node_path("e"));
	dmk_table_free(table);
}

static void stack_goes_with_its_process(void **state)
{
	const struct dmk_stack_options options = { .flags = DMK_STACK_EPHEMERAL };
	int pipe_fds[2], status;
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		struct dmk_stack *stack = stack_of("a linear device=" RAM0 " size=4MiB\nb linear "
						   "device=@a\nc linear device=@b\nd linear "
						   "device=@a\n");
		struct dmk_plan *plan;
		struct dmk *dm;

		if (dmk_new(&dm) < 0 || dmk_stack_apply(dm, stack, &options, &plan) < 0 ||
		    write(pipe_fds[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
	close(pipe_fds[0]);
	assert_int_equal(count_devices(*state), 4);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_gone(*state);
	for (const char *name = "a\0b\0c\0d\0"; *name; name += 2)
		unlink(node_path(name));
}

static void stack_goes_with_its_plan(void **state)
{
	const struct dmk_stack_options options = { .flags = DMK_STACK_EPHEMERAL };
	struct dmk_stack *stack = stack_of("a linear device=" RAM0 "\nb linear device=@a\n");
	struct dmk_plan *plan;

	assert_ok(*state, dmk_stack_apply(*state, stack, &options, &plan));
	assert_int_equal(count_devices(*state), 2);
	dmk_plan_free(plan);
	assert_gone(*state);
	dmk_stack_free(stack);
	unlink(node_path("a"));
	unlink(node_path("b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(settled_after),
		KERNEL_TEST(grows_under_a_reader),
		KERNEL_TEST(refused_at_the_end),
		KERNEL_TEST(refused_at_a_resume),
		KERNEL_TEST(suspend_hangs),
		KERNEL_TEST(goes_with_its_fd),
		KERNEL_TEST(stack_goes_with_its_process),
		KERNEL_TEST(stack_goes_with_its_plan),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
