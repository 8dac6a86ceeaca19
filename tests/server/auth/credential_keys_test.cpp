#include "server/auth/credential_keys.h"

#include "eventlog/base/digest.h"
#include "server/auth/seal.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>
#include <vector>

namespace slipway {
namespace {

namespace fs = std::filesystem;

class CredentialKeysTest : public testing::Test {
  protected:
    CredentialKeys opened(const std::string& server_key = std::string(kSealKeyBytes, 's')) const {
        auto keys = CredentialKeys::open(directory, server_key);
        EXPECT_TRUE(keys) << keys.error().message;
        return *keys;
    }
    SealedSecret sealed(CredentialKeys& keys, const std::string& secret,
                        const std::string& previous = {}) const {
        const auto made = keys.seal(secret, previous);
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }
    // Nothing if it is gone for good.
    static std::string told(const CredentialKeys& keys, const SealedSecret& secret) {
        const auto opened = keys.open(secret);
        if (opened) return *opened;
        EXPECT_EQ(opened.error().code, ErrorCode::not_found);
        return {};
    }
    std::set<std::string> files() const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator{directory}) {
            names.insert(entry.path().filename().string());
        }
        return names;
    }
    std::string all_bytes() const {
        std::string bytes;
        for (const auto& name : files()) {
            std::ifstream in{directory / name, std::ios::binary};
            bytes.append(std::istreambuf_iterator<char>{in}, {});
        }
        return bytes;
    }

    TemporaryDirectory temporary;
    const fs::path directory = temporary.path() / "credential_keys";
};

TEST_F(CredentialKeysTest, OpenWhatTheySealedAlsoAfterARestart) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    EXPECT_EQ(told(keys, one), "a secret of many letters");
    EXPECT_EQ(told(opened(), one), "a secret of many letters");
    EXPECT_NE(sealed(keys, "a secret of many letters").ciphertext, one.ciphertext);
}

TEST_F(CredentialKeysTest, TellNeitherTheSecretNorHowLongItIs) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    const SealedSecret other = sealed(keys, "another one");
    EXPECT_EQ(one.ciphertext.size(), other.ciphertext.size());
    EXPECT_EQ(bytes_of_base64url(one.ciphertext)->find("secret"), std::string::npos);
    EXPECT_EQ(all_bytes().find("secret"), std::string::npos);
}

TEST_F(CredentialKeysTest, AreTheOwnersAlone) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    struct stat status {};
    ASSERT_EQ(stat((directory / one.key).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(stat(directory.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(CredentialKeysTest, OfAnotherServerOpenNothing) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    EXPECT_EQ(told(opened(std::string(kSealKeyBytes, 'x')), one), "");
}

TEST_F(CredentialKeysTest, OpenNothingThatWasChangedOrPutUnderAnotherKey) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    const SealedSecret other = sealed(keys, "another one");
    EXPECT_EQ(told(keys, {other.key, one.ciphertext}), "");
    fs::copy_file(directory / one.key, directory / other.key, fs::copy_options::overwrite_existing);
    EXPECT_EQ(told(keys, {other.key, one.ciphertext}), "");
    SealedSecret changed = one;
    changed.ciphertext.front() = changed.ciphertext.front() == 'A' ? 'B' : 'A';
    EXPECT_EQ(told(keys, changed), "");
}

TEST_F(CredentialKeysTest, ThatAreDestroyedAreGoneFromTheDisk) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    const SealedSecret other = sealed(keys, "another one");
    ASSERT_TRUE(keys.destroy_line(one.key));
    EXPECT_EQ(told(keys, one), "");
    EXPECT_EQ(files(), std::set{other.key});
    EXPECT_TRUE(keys.destroy_line(one.key));
}

TEST_F(CredentialKeysTest, OfARotationStandBesideTheOldOneUntilThatIsDestroyed) {
    auto keys = opened();
    const SealedSecret first = sealed(keys, "the first secret");
    const SealedSecret second = sealed(keys, "the second secret", first.key);
    EXPECT_EQ(told(keys, first), "the first secret");
    EXPECT_EQ(told(keys, second), "the second secret");
    ASSERT_TRUE(keys.destroy_before(second.key));
    EXPECT_EQ(told(keys, first), "");
    EXPECT_EQ(told(keys, second), "the second secret");
}

TEST_F(CredentialKeysTest, OfEveryGenerationAreDestroyedAlsoWhereSomeAreMissing) {
    auto keys = opened();
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i) {
        made.push_back(
            sealed(keys, "a secret of many letters", made.empty() ? "" : made.back()).key);
    }
    ASSERT_TRUE(keys.discard(made[1]));
    ASSERT_TRUE(keys.discard(made[2]));
    ASSERT_TRUE(keys.destroy_before(made[3]));
    EXPECT_EQ(files(), (std::set{made[3], made[4]}));
    // Those after it too: of rotations that never came to the log.
    ASSERT_TRUE(keys.destroy_line(made[3]));
    EXPECT_EQ(files(), std::set<std::string>{});
}

TEST_F(CredentialKeysTest, AreSettledAfterAnEndInTheMiddleOfSomething) {
    auto keys = opened();
    const SealedSecret first = sealed(keys, "the first secret");
    const SealedSecret second = sealed(keys, "the second secret", first.key);
    const SealedSecret dead = sealed(keys, "of what was deleted");
    const SealedSecret unknown = sealed(keys, "of a log that is not here");
    ASSERT_TRUE(keys.settle({second.key}, {dead.key}));
    EXPECT_EQ(files(), (std::set{second.key, unknown.key}));
}

TEST_F(CredentialKeysTest, NeverTakeThePlaceOfOneThatIsThere) {
    auto keys = opened();
    const SealedSecret first = sealed(keys, "the first secret");
    const SealedSecret lost = sealed(keys, "a rotation that never came to the log", first.key);
    const SealedSecret next = sealed(keys, "the next secret", first.key);
    EXPECT_NE(next.key, lost.key);
    EXPECT_EQ(told(keys, lost), "a rotation that never came to the log");
    ASSERT_TRUE(keys.destroy_before(next.key));
    EXPECT_EQ(files(), std::set{next.key});
}

TEST_F(CredentialKeysTest, ThatCannotBeReadNowAreNotLost) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    fs::permissions(directory / one.key, fs::perms::others_read, fs::perm_options::add);
    const auto found = keys.open(one);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::invalid);
}

TEST_F(CredentialKeysTest, AreNoFilesElsewhere) {
    auto keys = opened();
    std::ofstream{temporary.path() / "server_key"} << std::string(60, 'k');
    for (const auto* const name :
         {"../server_key", "..", "", "00000000000000000000000000000000.",
          "00000000000000000000000000000000.1/../../server_key",
          "00000000000000000000000000000000.01", "00000000000000000000000000000000.0"}) {
        EXPECT_EQ(told(keys, {name, "AAAA"}), "");
        EXPECT_TRUE(keys.discard(name));
        EXPECT_TRUE(keys.destroy_line(name));
    }
    EXPECT_TRUE(fs::exists(temporary.path() / "server_key"));
}

TEST_F(CredentialKeysTest, ThatCannotBeKeptSealNothing) {
    auto keys = opened();
    fs::remove_all(directory);
    const auto made = keys.seal("a secret of many letters");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace slipway
