/* From the pixels that cameras send to those that networks were trained on. For applications: no kernel uses
 * it. `to` may be `from` where a pixel does not grow. */
#ifndef TINYNAS_PIXELS_H
#define TINYNAS_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

/* RGB565 as bytes in memory: red is the upper 5 bits, blue the lower 5. Cameras send the high byte first, a
 * little-endian core that wrote 16-bit values stored the low byte first. */
static inline uint16_t tn_rgb565_at(const uint8_t *pixel, bool high_byte_first) {
  return (uint16_t)(high_byte_first ? pixel[0] << 8 | pixel[1] : pixel[1] << 8 | pixel[0]);
}

/* Bits are repeated, so that 31 (63 of green) becomes 255. to: 3 bytes a pixel. */
static inline void tn_rgb565_to_rgb(const uint8_t *from, uint8_t *to, int pixels, bool high_byte_first) {
  for (int i = 0; i < pixels; ++i) {
    const uint16_t value = tn_rgb565_at(from + 2 * i, high_byte_first);
    const int red = value >> 11, green = value >> 5 & 63, blue = value & 31;
    to[3 * i] = (uint8_t)(red << 3 | red >> 2);
    to[3 * i + 1] = (uint8_t)(green << 2 | green >> 4);
    to[3 * i + 2] = (uint8_t)(blue << 3 | blue >> 2);
  }
}

/* Luma of ITU-R BT.601, as JPEG has it: 0.299 red + 0.587 green + 0.114 blue, rounded. */
static inline uint8_t tn_luma(int red, int green, int blue) {
  return (uint8_t)((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
}
static inline void tn_rgb_to_grey(const uint8_t *from, uint8_t *to, int pixels) {
  for (int i = 0; i < pixels; ++i) to[i] = tn_luma(from[3 * i], from[3 * i + 1], from[3 * i + 2]);
}
static inline void tn_rgb565_to_grey(const uint8_t *from, uint8_t *to, int pixels, bool high_byte_first) {
  for (int i = 0; i < pixels; ++i) {
    uint8_t rgb[3];
    tn_rgb565_to_rgb(from + 2 * i, rgb, 1, high_byte_first);
    tn_rgb_to_grey(rgb, to + i, 1);
  }
}

#endif
