/* A plugin of qemu-user: counts the guest's instructions in a page shared with the supervisor, and does natively what
 * the emulator would refuse or do for one of its threads only.
 *
 * The few declarations of the plugin interface that are needed stand here, since distributions ship the emulator
 * without its header. Interface version 1: QEMU 6 to 8.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
enum { ADD_U64 = 0, NO_REGISTERS = 0 };
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int, void *, uint64_t);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_init_cb(plugin_id, void (*)(plugin_id, unsigned));
extern void qemu_plugin_reset(plugin_id, void (*)(plugin_id));
extern void qemu_plugin_register_vcpu_syscall_cb(
    plugin_id, void (*)(plugin_id, unsigned, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                        uint64_t, uint64_t));

EXPORT int qemu_plugin_version = 1;

enum { PAGE = 4096, CHANNEL = 100, ASK = 0x7A11, FILTER = 1, BECOME = 2, ADOPT = 3, COUNT = 4 };

/* The words of the shared page. */
enum { TOTAL, FIRST_READ, LAST_WRITE };

static uint64_t *counter;
static int shared_page = -1;
static bool has_threads;
/* Of this process, since every child is a fork: whether it has read its channel, and whether it is a program's now. */
static bool has_read, is_handed_over;

static void add(unsigned cpu, void *instructions)
{
    (void)cpu;
    __atomic_fetch_add(counter, (uint64_t)(uintptr_t)instructions, __ATOMIC_RELAXED);
}

static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
    (void)id;
    size_t instructions = qemu_plugin_tb_n_insns(block);
    if (has_threads)
        qemu_plugin_register_vcpu_tb_exec_cb(block, add, NO_REGISTERS, (void *)(uintptr_t)instructions);
    else
        qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, counter, instructions);
}

/* The C library changes the user of every thread, a system call that of the calling one only. */
static long become(uid_t user)
{
    if (getuid() == user)
        return 0;
    return setgroups(0, NULL) || setresgid(user, user, user) || setresuid(user, user, user) ? -errno : 0;
}

/* Until then what is executed is counted in a page nobody sees. */
static long count(void)
{
    void *page = mmap(counter, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, shared_page, 0);
    return page == MAP_FAILED || close(shared_page) ? -errno : 0;
}

/* The last thing done for a child before it runs a program: from then on it is asked for nothing. */
static long install_filter(void *program)
{
    is_handed_over = true;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program) ? -errno : 0;
}

static void called(plugin_id id, unsigned cpu, int64_t number, uint64_t what, uint64_t argument, uint64_t answer,
                   uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
    (void)id, (void)cpu, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (number == SYS_write && what == CHANNEL) {
        counter[LAST_WRITE] = counter[TOTAL];
    } else if ((number == SYS_read || number == SYS_recvfrom) && what == CHANNEL && !has_read) {
        counter[FIRST_READ] = counter[TOTAL];
        has_read = true;
    }
    if (number != ASK || is_handed_over)
        return;
    if (what == FILTER)
        *(long *)answer = install_filter((void *)argument);
    else if (what == BECOME)
        *(long *)answer = become((uid_t)argument);
    else if (what == ADOPT)
        *(long *)answer = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) ? -errno : 0;
    else if (what == COUNT)
        *(long *)answer = count();
}

static void watch(plugin_id id)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
}

/* From the second thread on additions are atomic. What was translated before is thrown away: the emulator itself does
 * that only where nothing was shared before, be it a page of a file. */
static void thread_started(plugin_id id, unsigned cpu)
{
    if (cpu == 0 || has_threads)
        return;
    has_threads = true;
    qemu_plugin_reset(id, watch);
}

/* A program that is counted whole may execute nothing else, which would run outside: no thread of the emulator may. */
static long execute_nothing(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    return install_filter(&program);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    bool is_whole = false;
    for (int at = 0; at < argc; at++)
        if (!strncmp(argv[at], "fd=", 3))
            shared_page = atoi(argv[at] + 3);
        else if (!strcmp(argv[at], "whole=on"))
            is_whole = true;
    counter = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (counter == MAP_FAILED)
        return -1;
    if (is_whole && (count() || execute_nothing()))
        return -1;
    qemu_plugin_register_vcpu_init_cb(id, thread_started);
    watch(id);
    return 0;
}
