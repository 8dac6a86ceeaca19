// Urgency says how much of the room that is kept back a unit may use, on the disk and in the queue
// of the log. Without such room a full queue or disk could never drain: what ends work could not be
// recorded.

#pragma once

#include <cstdint>

namespace slipway {

enum class Urgency : std::uint8_t {
    normal,   // none of it: new work
    due,      // half of it: the clock asks for this, which does not wait for those who fill a queue
    closing,  // all of it: this ends or stops something
};

}  // namespace slipway
