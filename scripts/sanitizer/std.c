// Describes to ThreadSanitizer the synchronization in Rust's standard library, which is distributed
// without instrumentation. This object is linked into the instrumented addons. It replaces the few
// functions of the standard library that synchronize threads and are not inlined into instrumented
// code: the linker's `--wrap` redirects their callers here. Without it, everything that a lock
// protects looks like a race as soon as two threads contend for the lock.
//
// The symbols differ between compilers, so the command line defines them as strings.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// The arguments and results of all these functions fit into integer registers and are passed on
// unchanged.
#define PARAMETERS                                                                                 \
  void *self, uintptr_t second, uintptr_t third, uintptr_t fourth, uintptr_t fifth, uintptr_t sixth
#define ARGUMENTS self, second, third, fourth, fifth, sixth
#define WRAPS(name, symbol)                                                                        \
  uintptr_t real_##name(PARAMETERS) __asm__("__real_" symbol);                                     \
  uintptr_t wrap_##name(PARAMETERS) __asm__("__wrap_" symbol);                                     \
  uintptr_t wrap_##name(PARAMETERS)

// A thread that takes a lock on the slow path acquires what the last holder released. The release is
// always inlined, and operates on the first word of the lock.
#define ACQUIRES(name, symbol)                                                                     \
  WRAPS(name, symbol) {                                                                            \
    uintptr_t result = real_##name(ARGUMENTS);                                                     \
    __tsan_acquire(self);                                                                          \
    return result;                                                                                 \
  }

ACQUIRES(mutex_lock, MUTEX_LOCK)
ACQUIRES(rwlock_read, RWLOCK_READ)
ACQUIRES(rwlock_write, RWLOCK_WRITE)

// A wait on a condition unlocks the mutex, its second argument, and locks it again.
#define WAITS(name, symbol)                                                                        \
  WRAPS(name, symbol) {                                                                            \
    __tsan_release((void *)second);                                                                \
    uintptr_t result = real_##name(ARGUMENTS);                                                     \
    __tsan_acquire((void *)second);                                                                \
    return result;                                                                                 \
  }

WAITS(condvar_wait, CONDVAR_WAIT)
WAITS(condvar_wait_timeout, CONDVAR_WAIT_TIMEOUT)

// A thread that has initialized a value releases it to the threads that find it initialized. A thread
// that has waited for another to initialize it acquires it.
WRAPS(once_call, ONCE_CALL) {
  uintptr_t result = real_once_call(ARGUMENTS);
  __tsan_acquire(self);
  __tsan_release(self);
  return result;
}

// The last owner of an `Arc` acquires the writes of the other owners by a fence, which ThreadSanitizer
// does not support; an instrumented standard library uses an acquiring load instead. Treating each
// release of a count as an acquisition, too, has the same effect.
enum { MEMORY_ORDER_RELEASE = 3, MEMORY_ORDER_ACQUIRE_RELEASE = 4 };

uint64_t __real___tsan_atomic64_fetch_sub(volatile uint64_t *count, uint64_t by, int order);

uint64_t __wrap___tsan_atomic64_fetch_sub(volatile uint64_t *count, uint64_t by, int order) {
  return __real___tsan_atomic64_fetch_sub(
      count, by, order == MEMORY_ORDER_RELEASE ? MEMORY_ORDER_ACQUIRE_RELEASE : order);
}

// LLVM calls these. gcc's runtime library does the same checks in its versions of the C functions.
void *__tsan_memcpy(void *to, const void *from, size_t size) { return memcpy(to, from, size); }
void *__tsan_memmove(void *to, const void *from, size_t size) { return memmove(to, from, size); }
void *__tsan_memset(void *to, int byte, size_t size) { return memset(to, byte, size); }
