#include "server/auth/credential_keys.h"

#include "eventlog/base/digest.h"
#include "server/auth/seal.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>

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
    EXPECT_EQ(keys.open(one), "a secret of many letters");
    EXPECT_EQ(opened().open(one), "a secret of many letters");
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
    EXPECT_EQ(opened(std::string(kSealKeyBytes, 'x')).open(one), std::nullopt);
}

TEST_F(CredentialKeysTest, OpenNothingThatWasChangedOrPutUnderAnotherKey) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    const SealedSecret other = sealed(keys, "another one");
    EXPECT_EQ(keys.open({other.key, one.ciphertext}), std::nullopt);
    fs::copy_file(directory / one.key, directory / other.key, fs::copy_options::overwrite_existing);
    EXPECT_EQ(keys.open({other.key, one.ciphertext}), std::nullopt);
    SealedSecret changed = one;
    changed.ciphertext.front() = changed.ciphertext.front() == 'A' ? 'B' : 'A';
    EXPECT_EQ(keys.open(changed), std::nullopt);
}

TEST_F(CredentialKeysTest, ThatAreDestroyedAreGoneFromTheDisk) {
    auto keys = opened();
    const SealedSecret one = sealed(keys, "a secret of many letters");
    const SealedSecret other = sealed(keys, "another one");
    ASSERT_TRUE(keys.destroy(one.key));
    EXPECT_EQ(keys.open(one), std::nullopt);
    EXPECT_EQ(files(), std::set{other.key});
    EXPECT_TRUE(keys.destroy(one.key));
}

TEST_F(CredentialKeysTest, OfARotationStandBesideTheOldOneUntilThatIsDestroyed) {
    auto keys = opened();
    const SealedSecret first = sealed(keys, "the first secret");
    const SealedSecret second = sealed(keys, "the second secret", first.key);
    EXPECT_EQ(keys.open(first), "the first secret");
    EXPECT_EQ(keys.open(second), "the second secret");
    ASSERT_TRUE(keys.destroy(first.key));
    EXPECT_EQ(keys.open(first), std::nullopt);
    EXPECT_EQ(keys.open(second), "the second secret");
}

TEST_F(CredentialKeysTest, OfEveryGenerationAreDestroyedWithTheLast) {
    auto keys = opened();
    std::string last;
    for (int i = 0; i < 4; ++i) last = sealed(keys, "a secret of many letters", last).key;
    EXPECT_EQ(files().size(), 4U);
    ASSERT_TRUE(keys.destroy(last));
    EXPECT_EQ(files(), std::set<std::string>{});
}

TEST_F(CredentialKeysTest, AreSettledAfterAnEndInTheMiddleOfARotation) {
    auto keys = opened();
    const SealedSecret first = sealed(keys, "the first secret");
    const SealedSecret second = sealed(keys, "the second secret", first.key);
    const SealedSecret unknown = sealed(keys, "of a log that is not here");
    // The rotation came to the log: only the old key goes.
    ASSERT_TRUE(keys.settle({second.key}));
    EXPECT_EQ(files(), (std::set{second.key, unknown.key}));
    // One that did not is made again.
    const SealedSecret lost = sealed(keys, "a lost secret", second.key);
    ASSERT_TRUE(keys.settle({second.key}));
    EXPECT_EQ(keys.open(second), "the second secret");
    const SealedSecret third = sealed(keys, "the third secret", second.key);
    EXPECT_EQ(third.key, lost.key);
    EXPECT_EQ(keys.open(third), "the third secret");
    EXPECT_EQ(keys.open(lost), std::nullopt);
}

TEST_F(CredentialKeysTest, AreNoFilesElsewhere) {
    auto keys = opened();
    std::ofstream{temporary.path() / "server_key"} << std::string(60, 'k');
    for (const auto* const name :
         {"../server_key", "..", "", "00000000000000000000000000000000.",
          "00000000000000000000000000000000.1/../../server_key",
          "00000000000000000000000000000000.01", "00000000000000000000000000000000.0"}) {
        EXPECT_EQ(keys.open({name, "AAAA"}), std::nullopt);
        EXPECT_TRUE(keys.destroy(name));
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
