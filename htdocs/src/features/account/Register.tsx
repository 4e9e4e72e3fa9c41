export default function Register() {
  return <h1>Create an account</h1>;
}
