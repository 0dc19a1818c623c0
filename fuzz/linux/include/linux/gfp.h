// How an allocation may be made. What counts here: may it sleep, is it charged, is it zeroed?
#pragma once

#include <linux/types.h>

#define __GFP_HIGH ((gfp_t)0x01u)
#define __GFP_DIRECT_RECLAIM ((gfp_t)0x02u)
#define __GFP_KSWAPD_RECLAIM ((gfp_t)0x04u)
#define __GFP_IO ((gfp_t)0x08u)
#define __GFP_FS ((gfp_t)0x10u)
#define __GFP_NOWARN ((gfp_t)0x20u)
#define __GFP_NORETRY ((gfp_t)0x40u)
#define __GFP_NOMEMALLOC ((gfp_t)0x80u)
#define __GFP_ZERO ((gfp_t)0x100u)
#define __GFP_ACCOUNT ((gfp_t)0x200u)

#define GFP_NOWAIT __GFP_KSWAPD_RECLAIM
#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_USER GFP_KERNEL

static inline bool gfpflags_allow_spinning(gfp_t gfp) {
  return (gfp & (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)) != 0;
}
static inline bool gfpflags_allow_blocking(gfp_t gfp) { return (gfp & __GFP_DIRECT_RECLAIM) != 0; }
