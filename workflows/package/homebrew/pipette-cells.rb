# A formula for Homebrew on Linux: brew install --build-from-source ./pipette-cells.rb
# A release has its address and sha256 here; before one, `make dist` writes the archive.
class PipetteCells < Formula
  desc "Cell typing in small filters over h5ad and TSV files"
  homepage "https://example.org/pipette"
  url "https://example.org/pipette/pipette-0.1.0.tar.gz"
  sha256 "0" * 64
  license all_of: ["MIT", "GPL-2.0-or-later"] # the filter overcluster links igraph

  depends_on "pkgconf" => :build
  depends_on "bash"
  depends_on "bzip2"
  depends_on "curl"
  depends_on "gawk"
  depends_on "hdf5"
  depends_on "igraph"
  depends_on "jansson"
  depends_on "libdeflate"
  depends_on "libyaml"
  depends_on :linux
  depends_on "make"
  depends_on "openblas"
  depends_on "pcre2"
  depends_on "xz"
  depends_on "zlib"

  def install
    system "make", "all", "B=#{buildpath}/build"
    system "make", "install", "B=#{buildpath}/build", "PREFIX=#{prefix}"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/pipette --version")
    (testpath/"labels.tsv").write "label\nB cells\n"
    assert_match "CL:0000236", shell_output("#{bin}/pipette cl-map -q labels.tsv")
  end
end
