// SPDX-License-Identifier: GPL-3.0-or-later
// C++ objects that live as long as an APR pool.
#ifndef MOD_ALPHAMAIL_POOL_H
#define MOD_ALPHAMAIL_POOL_H

#include <apr_pools.h>

#include <memory>
#include <new>
#include <utility>

namespace alphamail {

/// Makes a T in the pool. ~T runs when the pool is cleared, last made first.
template <typename T, typename... Args>
T& pool_new(apr_pool_t* pool, Args&&... args) {
  static_assert(alignof(T) <= 8, "apr_palloc aligns to 8 bytes");
  T* object = new (apr_palloc(pool, sizeof(T))) T{std::forward<Args>(args)...};
  constexpr auto destroy = [](void* p) noexcept -> apr_status_t {
    static_cast<T*>(p)->~T();
    return APR_SUCCESS;
  };
  apr_pool_cleanup_register(pool, object, destroy, apr_pool_cleanup_null);
  return *object;
}

/// A pool of one's own, outside httpd's tree and with its own allocator: for objects that one thread
/// at a time uses and that outlive a request.
struct DestroyPool {
  void operator()(apr_pool_t* pool) const noexcept { apr_pool_destroy(pool); }
};
using OwnPool = std::unique_ptr<apr_pool_t, DestroyPool>;

inline OwnPool make_own_pool() {
  apr_allocator_t* allocator = nullptr;
  apr_pool_t* pool = nullptr;
  if (apr_allocator_create(&allocator) != APR_SUCCESS) return nullptr;
  if (apr_pool_create_unmanaged_ex(&pool, nullptr, allocator) != APR_SUCCESS) {
    apr_allocator_destroy(allocator);
    return nullptr;
  }
  apr_allocator_owner_set(allocator, pool);
  return OwnPool(pool);
}

}  // namespace alphamail

#endif
