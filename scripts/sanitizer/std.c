// What ThreadSanitizer has to be told about Rust's standard library, which comes compiled without
// instrumentation. This object is linked into the instrumented addons. It takes the place of the
// few functions of the standard library that synchronize threads outside of what is inlined into
// instrumented code: the linker's `--wrap` leads their callers here. Without it, whatever a lock
// protects looks like a race as soon as two threads contend for the lock.
//
// The symbols, which differ from compiler to compiler, are defined as strings on the command line.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// Arguments and results of all these functions fit into the registers for integers, which are
// passed on as they are.
#define PARAMETERS                                                                                 \
  void *self, uintptr_t second, uintptr_t third, uintptr_t fourth, uintptr_t fifth, uintptr_t sixth
#define ARGUMENTS self, second, third, fourth, fifth, sixth
#define WRAPS(name, symbol)                                                                        \
  uintptr_t real_##name(PARAMETERS) __asm__("__real_" symbol);                                     \
  uintptr_t wrap_##name(PARAMETERS) __asm__("__wrap_" symbol);                                     \
  uintptr_t wrap_##name(PARAMETERS)

// A lock that is taken on the slow path has acquired what its last holder released. The release is
// inlined everywhere, and made on the word that a lock begins with.
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

// Who has initialized something releases it to those who find it initialized; who has waited for
// another thread to do so acquires it.
WRAPS(once_call, ONCE_CALL) {
  uintptr_t result = real_once_call(ARGUMENTS);
  __tsan_acquire(self);
  __tsan_release(self);
  return result;
}

// The last owner of an `Arc` acquires what the others did by a fence, which ThreadSanitizer does not
// support; where the standard library is instrumented, an acquiring load stands there instead. To
// count each release of a count as an acquisition, too, comes to the same.
enum { MEMORY_ORDER_RELEASE = 3, MEMORY_ORDER_ACQUIRE_RELEASE = 4 };

uint64_t __real___tsan_atomic64_fetch_sub(volatile uint64_t *count, uint64_t by, int order);

uint64_t __wrap___tsan_atomic64_fetch_sub(volatile uint64_t *count, uint64_t by, int order) {
  return __real___tsan_atomic64_fetch_sub(
      count, by, order == MEMORY_ORDER_RELEASE ? MEMORY_ORDER_ACQUIRE_RELEASE : order);
}

// LLVM calls these; the runtime library of gcc checks the same in its versions of the C functions.
void *__tsan_memcpy(void *to, const void *from, size_t size) { return memcpy(to, from, size); }
void *__tsan_memmove(void *to, const void *from, size_t size) { return memmove(to, from, size); }
void *__tsan_memset(void *to, int byte, size_t size) { return memset(to, byte, size); }
