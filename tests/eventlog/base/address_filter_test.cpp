#include "eventlog/base/address_filter.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>

namespace slipway {
namespace {

bool is_public_text(const std::string& text) {
    Ipv4Address v4{};
    if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &address.sin_addr), 1);
        EXPECT_EQ(is_public(v4), is_public(reinterpret_cast<const sockaddr&>(address))) << text;
        return is_public(v4);
    }
    Ipv6Address v6{};
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), v6.data()), 1) << text;
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &address.sin6_addr), 1);
    EXPECT_EQ(is_public(v6), is_public(reinterpret_cast<const sockaddr&>(address))) << text;
    return is_public(v6);
}

Ipv4Address ipv4_of(std::uint32_t number) {
    return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
            static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

// The refused ranges, written down a second time and in another way.
const std::vector<Range>& refused_ranges() {
    static const std::vector<Range> ranges{
        {0x00000000, 0x00FFFFFF}, {0x0A000000, 0x0AFFFFFF}, {0x64400000, 0x647FFFFF},
        {0x7F000000, 0x7FFFFFFF}, {0xA83F8110, 0xA83F8110}, {0xA9FE0000, 0xA9FEFFFF},
        {0xAC100000, 0xAC1FFFFF}, {0xC0000000, 0xC00000FF}, {0xC0000200, 0xC00002FF},
        {0xC0586300, 0xC05863FF}, {0xC0A80000, 0xC0A8FFFF}, {0xC6120000, 0xC613FFFF},
        {0xC6336400, 0xC63364FF}, {0xCB007100, 0xCB0071FF}, {0xE0000000, 0xFFFFFFFF},
    };
    return ranges;
}

TEST(AddressFilter, RefusesTheSpecialIpv4RangesToTheirVeryEnds) {
    for (const auto& range : refused_ranges()) {
        EXPECT_FALSE(is_public(ipv4_of(range.first))) << std::hex << range.first;
        EXPECT_FALSE(is_public(ipv4_of(range.last))) << std::hex << range.last;
        if (range.first != 0) {
            EXPECT_TRUE(is_public(ipv4_of(range.first - 1))) << std::hex << range.first;
        }
        if (range.last != 0xFFFFFFFF) {
            EXPECT_TRUE(is_public(ipv4_of(range.last + 1))) << std::hex << range.last;
        }
    }
}

TEST(AddressFilter, AgreesWithTheRangesOverAllOfIpv4) {
    for (std::uint64_t number = 0; number <= 0xFFFFFFFF; number += 4'093) {
        const auto address = static_cast<std::uint32_t>(number);
        const bool refused = std::ranges::any_of(refused_ranges(), [address](const Range& range) {
            return range.first <= address && address <= range.last;
        });
        ASSERT_EQ(is_public(ipv4_of(address)), !refused) << std::hex << address;
    }
}

TEST(AddressFilter, LetsPublicAddressesPass) {
    for (const auto* text :
         {"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255",
          "100.128.0.0", "223.255.255.255", "192.0.1.0", "2606:4700::1111", "2a00:1450:4001::200e",
          "2001:4860:4860::8888", "2001:200::1", "2400::1", "3ffe::1"}) {
        EXPECT_TRUE(is_public_text(text)) << text;
    }
}

TEST(AddressFilter, RefusesSpecialIpv6Addresses) {
    for (const auto* text : {"::",           "::1",
                             "::2",          "fe80::1",
                             "febf::1",      "fec0::1",
                             "fc00::1",      "fd00:ec2::254",
                             "fdff:ffff::1", "ff02::1",
                             "ff0e::1",      "100::1",
                             "2001:db8::1",  "2001:db8:ffff::1",
                             "2001::1",      "2001:0:a00:1::",
                             "2001:2::1",    "2001:10::1",
                             "2001:20::1",   "2001:1ff::1",
                             "3fff::1",      "3fff:fff::1",
                             "5f00::1",      "64:ff9b:1::1",
                             "4000::1",      "1fff::1"}) {
        EXPECT_FALSE(is_public_text(text)) << text;
    }
}

TEST(AddressFilter, LooksAtTheIpv4AddressThatAnIpv6AddressCarries) {
    for (const auto* text :
         {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::127.0.0.1",
          "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:0a00:0001::1",
          "2002:a9fe:a9fe::", "::127.0.0.1", "::8.8.8.8", "::ffff:0:8.8.8.8"}) {
        EXPECT_FALSE(is_public_text(text)) << text;
    }
    for (const auto* text : {"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:0808:0808::1"}) {
        EXPECT_TRUE(is_public_text(text)) << text;
    }
}

TEST(AddressFilter, RefusesOtherFamilies) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    EXPECT_FALSE(is_public(reinterpret_cast<const sockaddr&>(local)));
    sockaddr none{};
    EXPECT_FALSE(is_public(none));
}

}  // namespace
}  // namespace slipway
