// The key ring: its form, its file, and that tools/gatehouse-keyring judges as the library does.
#include "crypto/key_ring.h"

#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

namespace gatehouse::crypto {
namespace {

const std::string kKeyA(64, 'a');
const std::string kKeyB = "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdefABCD";

struct Freed {
  void operator()(KeyRing* ring) const { free_key_ring(ring); }
};
using OwnedRing = std::unique_ptr<KeyRing, Freed>;

class KeyRingFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "gatehouse-key-ring-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/ring";
  }
  void TearDown() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  void write(std::string_view text, mode_t mode = 0600) {
    unlink(path_.c_str());
    std::ofstream(path_, std::ios::binary) << text;
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }
  Refusal read() { return read_key_ring(path_.c_str(), *ring_).refusal; }
  int exit_status_of_tool() {
    const int status = std::system((GATEHOUSE_KEYRING_TOOL " check '" + path_ + "' >/dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // What the tool says is wrong, to be compared with what the library says.
  std::string complaint_of_tool() {
    FILE* out = popen((GATEHOUSE_KEYRING_TOOL " check '" + path_ + "' 2>&1 >/dev/null").c_str(), "r");
    std::string text;
    char part[256];
    while (out != nullptr && fgets(part, sizeof part, out) != nullptr) text += part;
    if (out != nullptr) pclose(out);
    return text;
  }

  std::string folder_;
  std::string path_;
  OwnedRing ring_{allocate_key_ring()};
};

struct Text {
  const char* what;
  std::string text;
  int malformed_at;  // line; 0 where it is well formed
};

std::string many_keys(int count) {
  std::string text;
  for (int id = 1; id <= count; ++id) text += std::to_string(id) + " " + kKeyA + "\n";
  return text;
}

const Text kTexts[] = {
    {"one key", "1 " + kKeyA + "\n", 0},
    {"no newline at the end", "1 " + kKeyA, 0},
    {"two keys", "7 " + kKeyA + "\n3 " + kKeyB + "\n", 0},
    {"the greatest id", "65535 " + kKeyA + "\n", 0},
    {"comments and blank lines", "# ring\n\n \t\n1 " + kKeyA + " # the first\n#\n", 0},
    {"blanks around", "\t 1 " + kKeyA + " \t\n", 0},
    {"a comment that touches the key", "1 " + kKeyA + "#c\n", 0},
    {"bytes above 127 in a comment", "# \xff\xfe\n1 " + kKeyA + "\n", 0},
    {"as many keys as there may be", many_keys(64), 0},
    {"as many bytes as there may be", "1 " + kKeyA + "\n#" + std::string(kMaxRingBytes - 68, 'x'), 0},
    {"nothing", "", 1},
    {"only a newline", "\n", 1},
    {"only comments", "# a\n# b\n", 2},
    {"only comments, the last unended", "# a\n# b", 2},
    {"id 0", "0 " + kKeyA, 1},
    {"an id too great", "65536 " + kKeyA, 1},
    {"an id far too great", "4294967297 " + kKeyA, 1},
    {"a leading zero", "01 " + kKeyA, 1},
    {"a sign", "+1 " + kKeyA, 1},
    {"a negative id", "-1 " + kKeyA, 1},
    {"no id", kKeyA, 1},
    {"a key for an id", kKeyA + " 1", 1},
    {"no key", "1", 1},
    {"no key but a blank", "1 ", 1},
    {"two blanks between", "1  " + kKeyA, 1},
    {"a tab between", "1\t" + kKeyA, 1},
    {"a key of 63 digits", "1 " + kKeyA.substr(1), 1},
    {"a key of 65 digits", "1 " + kKeyA + "a", 1},
    {"a digit that is none", "1 g" + kKeyA.substr(1), 1},
    {"a key in two parts", "1 " + kKeyA.substr(32) + " " + kKeyA.substr(32), 1},
    {"something behind the key", "1 " + kKeyA + " x", 1},
    {"a comment in the key", "1 " + kKeyA.substr(10) + "#" + kKeyA.substr(54), 1},
    {"lines that end as on Windows", "1 " + kKeyA + "\r\n", 1},
    {"a NUL", "1 " + kKeyA + std::string(1, '\0') + "\n", 1},
    {"a NUL in a comment", "1 " + kKeyA + "\n#" + std::string(1, '\0') + "\n", 2},
    {"a byte order mark",
     "\xef\xbb\xbf"
     "1 " +
         kKeyA,
     1},
    {"the same id twice", "1 " + kKeyA + "\n2 " + kKeyA + "\n1 " + kKeyB + "\n", 3},
    {"a malformed line further down", "# x\n\n1 " + kKeyA + "\nx\n2 " + kKeyA, 4},
    {"a key too many", many_keys(65), 65},
    {"a byte too many", "1 " + kKeyA + "\n#" + std::string(kMaxRingBytes - 67, 'x'), 2},
};

TEST(ParseKeyRing, ReadsIdsAndKeysInTheirOrder) {
  const OwnedRing ring(allocate_key_ring());
  ASSERT_TRUE(parse_key_ring("7 " + kKeyA + "\n3 " + kKeyB + "\n", *ring).ok());
  ASSERT_EQ(ring->count, 2u);
  EXPECT_EQ(ring->current().id, 7);
  EXPECT_EQ(ring->find(7), &ring->keys[0]);
  EXPECT_EQ(ring->find(3), &ring->keys[1]);
  EXPECT_EQ(ring->find(1), nullptr);
  EXPECT_EQ(ring->find(0), nullptr) << "an unused place has no id";
  for (const unsigned char byte : ring->keys[0].master) EXPECT_EQ(byte, 0xaa);
  EXPECT_EQ(ring->keys[1].master[0], 0x01);
  EXPECT_EQ(ring->keys[1].master[8], 0xab);
  EXPECT_EQ(ring->keys[1].master[31], 0xcd);
}

TEST(ParseKeyRing, JudgesEachText) {
  const OwnedRing ring(allocate_key_ring());
  for (const Text& text : kTexts) {
    const Refusal refusal = parse_key_ring(text.text, *ring).refusal;
    if (text.malformed_at == 0) {
      EXPECT_EQ(refusal.fault, Fault::kNone) << text.what;
      EXPECT_GT(ring->count, 0u) << text.what;
    } else {
      EXPECT_EQ(refusal.fault, Fault::kKeyRingMalformed) << text.what;
      EXPECT_EQ(refusal.number, text.malformed_at) << text.what;
    }
  }
}

TEST(ParseKeyRing, RefusesEveryTruncationWithinALine) {
  const OwnedRing ring(allocate_key_ring());
  const std::string text = "12345 " + kKeyB;
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parse_key_ring(text.substr(0, size), *ring).refusal.fault, Fault::kKeyRingMalformed) << size;
  }
}

TEST(ParseKeyRing, LeavesNothingOfARefusedText) {
  const OwnedRing ring(allocate_key_ring());
  ASSERT_TRUE(parse_key_ring("1 " + kKeyA + "\n", *ring).ok());
  ASSERT_FALSE(parse_key_ring("2 " + kKeyA + "\n3 " + kKeyB + "\nx\n", *ring).ok());
  EXPECT_EQ(sodium_is_zero(reinterpret_cast<const unsigned char*>(ring.get()), sizeof *ring), 1);
}

TEST_F(KeyRingFile, IsJudgedByTheToolAsByTheLibrary) {
  for (const Text& text : kTexts) {
    write(text.text);
    const Refusal refusal = read();
    const std::string complaint = complaint_of_tool();
    if (text.malformed_at == 0) {
      EXPECT_EQ(refusal.fault, Fault::kNone) << text.what;
      EXPECT_EQ(complaint, "") << text.what;
    } else {
      EXPECT_EQ(refusal.number, text.malformed_at) << text.what;
      EXPECT_NE(complaint.find(" at line " + std::to_string(text.malformed_at) + ":"), std::string::npos)
          << text.what << ": " << complaint;
      EXPECT_EQ(complaint.find(kKeyA.substr(0, 8)), std::string::npos) << "no key is printed";
    }
  }
}

TEST_F(KeyRingFile, IsReadWithAnyModeThatKeepsOthersOut) {
  for (const mode_t mode : {0600, 0400}) {
    write("1 " + kKeyA, mode);
    EXPECT_EQ(read().fault, Fault::kNone) << mode;
    EXPECT_EQ(exit_status_of_tool(), 0) << mode;
  }
}

TEST_F(KeyRingFile, IsRefusedWhereOthersHaveAnyRightToIt) {
  for (const mode_t mode : {0640, 0620, 0610, 0604, 0602, 0601, 0700, 0644, 0666, 04600, 02600, 01600}) {
    write("1 " + kKeyA, mode);
    EXPECT_EQ(read().fault, Fault::kKeyRingPermissive) << std::oct << mode;
    EXPECT_EQ(exit_status_of_tool(), 1) << std::oct << mode;
  }
}

TEST_F(KeyRingFile, IsRefusedWhereItBelongsToAnother) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  write("1 " + kKeyA);
  ASSERT_EQ(chown(path_.c_str(), 12345, 12345), 0);
  EXPECT_EQ(read().fault, Fault::kKeyRingPermissive);
}

TEST_F(KeyRingFile, IsRefusedWhereItIsNoRegularFile) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(read().fault, Fault::kKeyRingPermissive) << "and nobody waits for a writer";
  EXPECT_EQ(exit_status_of_tool(), 1);
  EXPECT_EQ(read_key_ring(folder_.c_str(), *ring_).refusal.fault, Fault::kKeyRingPermissive);
  EXPECT_EQ(read_key_ring("/dev/null", *ring_).refusal.fault, Fault::kKeyRingPermissive);
}

TEST_F(KeyRingFile, IsUnreadableWhereThereIsNone) {
  EXPECT_EQ(read().fault, Fault::kKeyRingUnreadable);
  EXPECT_EQ(exit_status_of_tool(), 1);
  EXPECT_EQ(read_key_ring("", *ring_).refusal.fault, Fault::kKeyRingUnreadable);
  EXPECT_EQ(read_key_ring((path_ + "/below").c_str(), *ring_).refusal.fault, Fault::kKeyRingUnreadable);
}

TEST_F(KeyRingFile, LeavesNoDescriptorOpen) {
  write("1 " + kKeyA);
  const int before = dup(0);
  close(before);
  for (int i = 0; i < 100; ++i) (void)read();
  write("x");
  for (int i = 0; i < 100; ++i) (void)read();
  write("1 " + kKeyA, 0644);
  for (int i = 0; i < 100; ++i) (void)read();
  const int after = dup(0);
  close(after);
  EXPECT_EQ(after, before);
}

TEST(AllocateKeyRing, StartsEmptyAndMayBeFreedAsNothing) {
  const OwnedRing ring(allocate_key_ring());
  ASSERT_NE(ring, nullptr);
  EXPECT_EQ(ring->count, 0u);
  free_key_ring(nullptr);
}

}  // namespace
}  // namespace gatehouse::crypto
